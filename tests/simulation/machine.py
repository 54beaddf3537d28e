"""The edge PC: its clocks, which may be wrong, its disk, and threads whose work takes a while."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from tests.simulation.disk import Disk
from tests.simulation.network import Network
from tests.simulation.world import BEGIN, Program, World

T = TypeVar("T")

FIRST_DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

DISK_SECONDS = (0.001, 0.05)
DEVICE_SECONDS = (0.001, 0.03)
PROMPT = 0.2
"""A disk that takes longer is in trouble: the controller's promise has a quarter of the flush time for it."""

MOVED = "after an output has moved"
DEATHS = (MOVED, *(f"{when} a call of the {what}" for when in ("before", "after") for what in ("disk", "device")))


def day(now: float) -> datetime:
    """The right time."""
    return FIRST_DAY + timedelta(seconds=now - BEGIN)


class Machine:
    """It is a `Kernel` of the controller's clock, and what its program finds outside. `wrong` is by how many seconds
    its real time is off. `dies_at` says at which point its program dies next, after so many that it survives."""

    def __init__(self, world: World, network: Network) -> None:
        self.world = world
        self.network = network
        self.disk = Disk()
        self.moved = False
        self.disk_seconds = DISK_SECONDS
        self.device_seconds = DEVICE_SECONDS
        self.dies_at: tuple[str, int] | None = None
        self.dies: Callable[[], None] = lambda: None
        self.wrong = 0.0
        self.synchronised_since: float | None = None
        self.trouble: tuple[float, float] = (0.0, 0.0)
        self._booted = 0.0
        self._boots = 0
        self._free: dict[Executor, float] = {}
        self.boot(wrong=0.0, synchronised=True)

    def boot(self, *, wrong: float, synchronised: bool) -> None:
        self._boots += 1
        self._booted = self.world.now - self.world.spread(1, 30)
        self.wrong = 0.0 if synchronised else wrong
        self.synchronised_since = self.world.now if synchronised else None

    def synchronise(self) -> None:
        """A time service is reached."""
        self.wrong = 0.0
        self.synchronised_since = self.synchronised_since or self.world.now

    def disk_in_trouble(self, until: float = 0.0) -> None:
        """It is full, slow or broken just now. Times of trouble that lie close together count as one."""
        began, ended = self.trouble
        now = self.world.now
        self.trouble = (now if now > ended + 10 else began, max(now, ended, until))

    # the controller's clock

    @property
    def boot_id(self) -> str:
        return f"boot {self._boots}"

    def boot_time(self) -> int:
        return round((self.world.now - self._booted) * 1e6)

    def boot_and_real_time(self) -> tuple[int, int]:
        real = day(self.world.now) + timedelta(seconds=self.wrong)
        return self.boot_time(), (real - EPOCH) // timedelta(microseconds=1)

    def is_synchronised(self) -> bool:
        return self.synchronised_since is not None

    def real_time(self) -> float:
        """In seconds, as the machine knows it."""
        return self.boot_and_real_time()[1] / 1e6

    # what its program finds outside

    async def connect(
        self, program: Program, factory: Callable[[], asyncio.Protocol]
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        return await self.network.connect(program, factory)

    def work(self, program: Program, executor: Executor, function: Callable[[], T]) -> "asyncio.Future[T]":
        """One after the other, as the one thread of an executor does it; the work is done somewhere in between."""
        future: asyncio.Future[T] = program.create_future()
        device = str(getattr(executor, "name", "")).startswith("plugin")
        least, most = self.device_seconds if device else self.disk_seconds
        begin = max(self.world.now, self._free.get(executor, 0.0))
        takes = self.world.spread(least, most)
        done = begin + self.world.random.random() * takes
        self._free[executor] = begin + takes
        if not device and takes > PROMPT:
            self.disk_in_trouble(begin + takes)
        what = "the device" if device else "the disk"
        self.world.later(done - self.world.now, self._do, program, future, function, begin + takes, what)
        return future

    def _do(
        self, program: Program, future: "asyncio.Future[T]", function: Callable[[], T], end: float, what: str
    ) -> None:
        if not program.alive or future.cancelled() or self._dies(f"before a call of {what}"):
            return
        try:
            result = function()
        except Exception as error:
            answer = partial(future.set_exception, error)
            if what == "the disk":
                self.disk_in_trouble()
        else:
            answer = partial(future.set_result, result)
        moved, self.moved = self.moved, False
        if not (moved and self._dies(MOVED)) and not self._dies(f"after a call of {what}"):
            program.call_at(end, lambda: None if future.done() else answer())

    def _dies(self, where: str) -> bool:
        if self.dies_at is None or self.dies_at[0] != where:
            return False
        self.dies_at = (where, self.dies_at[1] - 1)
        if self.dies_at[1] >= 0:
            return False
        self.dies_at = None
        self.dies()
        return True
