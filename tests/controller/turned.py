"""An event loop whose clock the test turns, and a disk whose every answer the test gives."""

import asyncio
import functools
import math
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from webmacs_controller.sdk.worker import Worker

T = TypeVar("T")

MOST_TURNS = 50
"""More than any chain of things that happen without time going by."""


class TurnedLoop(asyncio.SelectorEventLoop):
    """Its time is `now`, which begins where the machine's is."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    def next_timer(self) -> float:
        """When something happens next that waits for its time."""
        timers: list[asyncio.TimerHandle] = self._scheduled  # type: ignore[attr-defined]
        return min((timer.when() for timer in timers if not timer.cancelled()), default=math.inf)


class LeapingSelector(selectors.DefaultSelector):
    """Waits for nothing that time alone would bring: then `now` is when it comes."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if not timeout:
            return super().select(timeout)
        self.now += timeout
        return super().select(0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """An hour of sleep takes no time. For what happens in no other thread."""

    def __init__(self) -> None:
        self.leaping = LeapingSelector()
        super().__init__(self.leaping)

    def time(self) -> float:
        return self.leaping.now


async def settle() -> None:
    """Let all happen that can, without time going by."""
    for _ in range(MOST_TURNS):
        await asyncio.sleep(0)


async def let_pass(seconds: float, each: Callable[[], None] | None = None) -> None:
    """From one thing that happens to the next, and at each moment `each`."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, TurnedLoop)
    end = loop.now + seconds
    while loop.now < end:
        loop.now = max(loop.now, min(loop.next_timer(), end))
        if each is not None:
            each()
        await settle()


def turned(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """In a loop whose time the test turns."""

    @functools.wraps(test)
    def run(**arguments: Any) -> None:
        with asyncio.Runner(loop_factory=TurnedLoop) as runner:
            runner.run(test(**arguments))

    return run


class HeldDisk(Worker):
    """Does its work in the calling thread: at once, or while `holding` when it is told to `go_on`."""

    def __init__(self) -> None:
        super().__init__("held")
        self.holding = False
        self._held: list[tuple[Future[Any], Callable[[], Any]]] = []

    async def call(self, function: Callable[[], T]) -> T:
        if not self.holding:
            return function()
        future: Future[T] = Future()
        self._held.append((future, function))
        return await asyncio.wrap_future(future)

    def go_on(self) -> None:
        """Do what has waited, in order."""
        for future, function in self._held:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(function())
                except Exception as error:
                    future.set_exception(error)
        self._held.clear()

    def crash(self) -> None:
        """What has waited is never done."""
        self._held.clear()
