"""A valve and a sequence that cycles it, in a controller whose time leaps: the real one, but for server and device."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from webmacs_controller import sdk
from webmacs_controller.commands.desk import Desk
from webmacs_controller.commands.journal import DUTIES, Journal
from webmacs_controller.configuration.fleet import Fleet
from webmacs_controller.configuration.settings import ChannelSettings, InstanceSettings
from webmacs_controller.measuring.loop import State
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.plugins.valve_cycling import ValveCycling, ValveCyclingConfig
from webmacs_controller.safety.beginning import begin
from webmacs_controller.safety.record import Record
from webmacs_controller.safety.safeguard import Heritage
from webmacs_controller.sdk import Channel, Direction, Plugin, PluginError, PluginMeta, Sample
from webmacs_controller.sdk.config import read_config
from webmacs_controller.sequences.services import bind
from webmacs_controller.transport.protocol import Command, CommandResult

from tests.controller.machine import right_clock
from tests.controller.turned import HeldDisk, LeapingLoop

T = TypeVar("T")

OPEN, CLOSED = 80.0, 5.0
SAFE = 0.0
"""Another value than closed, so that it is seen which of them it was."""

CYCLE = InstanceSettings(
    name="C",
    plugin="valve_cycling",
    interval_seconds=1,
    config={
        "valve": {"instance": "V", "channel": "valve"},
        "open_value": OPEN,
        "closed_value": CLOSED,
        "seconds_open": 10,
        "seconds_closed": 5,
    },
)
NUMBERS = count()
"""Of commands: no two have the same, whichever process they are for."""

VALVE = InstanceSettings(
    name="V",
    plugin="valve",
    interval_seconds=0.5,
    channels=[ChannelSettings(channel="valve", safe_after_seconds=None)],
)


@dataclass
class Pipe:
    """The plant itself: it outlives all processes. `moves` are when the valve was set, and to what."""

    position: float = SAFE
    pressure: float = 1.0
    moves: list[tuple[float, float]] = field(default_factory=list)
    seconds: float = 0.0
    """For a move of the valve, which is where it shall be at the end of them."""

    broken: bool = False


class ValvePlugin(Plugin[sdk.NoConfig]):
    meta = PluginMeta("valve", "Valve", "1.0")

    def __init__(self, pipe: Pipe) -> None:
        super().__init__(sdk.NoConfig())
        self.pipe = pipe
        self.process_is_dead = False

    def channels(self) -> Sequence[Channel]:
        return [
            Channel("valve", "Valve", "%", 0, 100, Direction.OUTPUT, SAFE),
            Channel("pressure", "Pressure", "bar", 0, 10),
        ]

    async def connect(self) -> None:
        self._check()

    async def read(self) -> Sequence[Sample]:
        self._check()
        return [Sample("valve", self.pipe.position), Sample("pressure", self.pipe.pressure)]

    async def write(self, channel_id: str, value: float) -> None:
        self._check()
        begun = asyncio.get_running_loop().time()
        await asyncio.sleep(self.pipe.seconds)
        self._check()
        self.pipe.position = value
        self.pipe.moves.append((begun, value))

    def _check(self) -> None:
        if self.pipe.broken or self.process_is_dead:
            raise PluginError("no answer from the valve")


class Process:
    """One run of the controller, on a journal that may be that of an earlier one."""

    def __init__(self, pipe: Pipe, journal: Path) -> None:
        self.pipe = pipe
        self.points: list[tuple[float, Point]] = []
        self.disk = HeldDisk()
        self._plugins: list[ValvePlugin] = []
        self._newest = Newest(self.now)
        self._journal = Journal(journal)
        self._record = Record(self._journal, self.disk)
        self._server: asyncio.Task[None] | None = None

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def apply(self, *wanted: InstanceSettings) -> None:
        self.fleet.carry_out(self.fleet.plan(wanted))

    async def begin(self, *wanted: InstanceSettings) -> None:
        """As `service.serve` does it."""
        self.safeguard = begin(await self._record.start(), None, self._record)
        self.fleet = Fleet(self._newest, self._take, self._make, right_clock(), self.safeguard)
        self.desk = Desk(self._journal, self.fleet.loops, self._newest, self.disk)
        self._server = asyncio.create_task(self._hear())
        self.apply(*wanted)
        self.safeguard.heritage = Heritage()
        await self.desk.start()

    async def start(self, *wanted: InstanceSettings) -> None:
        """And all work, if they can."""
        await self.begin(*wanted)
        for name, loop in self.fleet.loops.items():
            if name != "V" or not self.pipe.broken:
                await loop.until(lambda state: state is State.RUNNING)

    async def stop(self) -> None:
        """As `service.serve` does it."""
        await self.desk.finish()
        if await self.fleet.release(8):
            await self._record.stop()
        await self.desk.close()
        self.lose_the_server()

    def lose_the_server(self) -> None:
        """It is not heard any more."""
        if self._server is not None:
            self._server.cancel()
        self.safeguard.server.lost()

    async def _hear(self) -> None:
        while True:
            self.safeguard.server.seen()
            await asyncio.sleep(1)

    async def kill(self) -> None:
        """Nothing reaches the plant or the disk any more."""
        for plugin in self._plugins:
            plugin.process_is_dead = True
        self.disk.holding = True
        self._journal.close()
        here = asyncio.current_task()
        tasks = asyncio.all_tasks() - {here}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=100)

    async def command(self, instance: str, channel: str, value: float, ttl: float = 60) -> CommandResult:
        """What came of it."""
        order = Command(str(next(NUMBERS)), instance, channel, value, ttl, None, 0, [])
        self.desk.accept(order, 0)
        while (result := await self.desk.outbox.take()).id != order.id:
            pass
        return result

    async def press(self) -> CommandResult:
        return await self.command("C", "button", 1)

    @property
    def button(self) -> float:
        """As it was told last."""
        return self.told("button")[-1][1]

    def told(self, channel: str) -> list[tuple[float, float]]:
        """What was told of it, and when; the same value once."""
        values = [(moment, point.value) for moment, point in self.points if point.source[1] == channel]
        return [pair for n, pair in enumerate(values) if n == 0 or values[n - 1][1] != pair[1]]

    @property
    def why(self) -> str:
        """What the status says of the sequence."""
        return self.fleet.loops["C"].instance.plugin.health()

    def held(self) -> list[tuple[str, str]]:
        """What would be made safe if it were killed now."""
        with self._journal._transaction() as connection:
            return list(connection.execute(DUTIES))

    def _take(self, points: Sequence[Point]) -> None:
        self.points += [(self.now(), point) for point in points]

    def _make(self, settings: InstanceSettings) -> Plugin[Any]:
        if settings.plugin == "valve":
            self._plugins.append(ValvePlugin(self.pipe))
            return self._plugins[-1]
        config = read_config(ValveCyclingConfig, settings.config, "config")
        return bind(ValveCycling(config), settings.name, self.desk.sequences)


@asynccontextmanager
async def running(pipe: Pipe, journal: Path, *wanted: InstanceSettings) -> AsyncIterator[Process]:
    process = Process(pipe, journal)
    await process.start(*(wanted or (VALVE, CYCLE)))
    try:
        yield process
    finally:
        await process.stop()


def in_no_time(scenario: Coroutine[Any, Any, T]) -> T:
    """Its result; however long it takes, it takes no time."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(scenario)
