"""Time, and the programs that live in it: one thread, one queue of events, and a seed that decides what comes next."""

import asyncio
import heapq
import itertools
import random
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from contextvars import Context
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Loop: Any = asyncio.AbstractEventLoop  # of whose many methods few are called

BEGIN = 1000.0
"""What every event loop's clock shows at first."""


class Failure(AssertionError):
    """Something has happened that must never happen."""


class World:
    """`now` goes on to the next event as soon as nothing is left to do. All chance is `random`'s."""

    def __init__(self, seed: int | str) -> None:
        self.now = BEGIN
        self.random = random.Random(seed)
        self.steps = 0
        self.failures: list[str] = []
        self._ready: deque[tuple[Program, asyncio.Handle]] = deque()
        self._timers: list[tuple[float, int, Program, asyncio.Handle]] = []
        self._serial = itertools.count()
        self.nature = Program(self, "nature")

    def later(self, seconds: float, callback: Callable[..., object], *args: object) -> asyncio.TimerHandle:
        """Something outside of all programs."""
        return self.nature.call_later(seconds, callback, *args)

    def run(self, until: float, condition: Callable[[], bool] = lambda: False) -> bool:
        """Until that moment, or earlier if the condition is met; whether it is. Raises Failure."""
        while not (met := condition()) and (self._ready or (self._timers and self._timers[0][0] <= until)):
            self._step()
            if self.failures:
                raise Failure(f"at {self.now - BEGIN:.6f} s: {self.failures[0]}")
        if not met:
            self.now = max(self.now, until)
        return met or condition()

    def chance(self, share: float) -> bool:
        """True in that share of all cases."""
        return self.random.random() < share

    def spread(self, least: float, most: float) -> float:
        """Between the two, small ones as often as large ones."""
        return float(least * (most / least) ** self.random.random())

    def fail(self, words: str) -> None:
        """The run ends after this step."""
        self.failures.append(words)

    def soon(self, program: "Program", handle: asyncio.Handle) -> None:
        """After all that is to happen now."""
        self._ready.append((program, handle))

    def at(self, when: float, program: "Program", handle: asyncio.Handle) -> None:
        """At that moment."""
        heapq.heappush(self._timers, (when, next(self._serial), program, handle))

    def _step(self) -> None:
        if self._ready:
            program, handle = self._ready.popleft()
        else:
            when, _, program, handle = heapq.heappop(self._timers)
            self.now = max(self.now, when)
        if program.alive and not handle.cancelled():
            self.steps += 1
            program.run(handle)


class Outside(Protocol):
    """What a program finds outside of itself."""

    def work(self, program: "Program", executor: Executor, function: Callable[[], T]) -> "asyncio.Future[T]":
        """Blocking work, which a thread would do."""

    async def connect(
        self, program: "Program", factory: Callable[[], asyncio.Protocol]
    ) -> tuple[asyncio.Transport, asyncio.Protocol]:
        """A connection to the server."""


class Program(Loop):  # type: ignore[misc]
    """An event loop that stands still for ever once it is not `alive`: nothing is finished, no `finally` is reached.

    `fuse`: it dies instead of its next but so many steps, calling `dies`.
    """

    def __init__(self, world: World, name: str, outside: Outside | None = None) -> None:
        self.world = world
        self.name = name
        self.alive = True
        self.fuse: int | None = None
        self.dies: Callable[[], None] = lambda: None
        self._outside = outside
        self._tasks: set[asyncio.Task[Any]] = set()  # or they would be collected, which runs their `finally`

    def run(self, handle: asyncio.Handle) -> None:
        """One step."""
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.dies()
                return
        asyncio._set_running_loop(self)
        try:
            handle._run()
        finally:
            asyncio._set_running_loop(None)

    def time(self) -> float:
        return self.world.now

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self.world.soon(self, handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self.world.at(when, self, handle)
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self.world.now + delay, callback, *args, context=context)

    def create_future(self) -> "asyncio.Future[Any]":
        return asyncio.Future(loop=self)

    def create_task(
        self, coro: Coroutine[Any, Any, T], *, name: str | None = None, context: Context | None = None
    ) -> "asyncio.Task[T]":
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def run_in_executor(self, executor: Executor, func: Callable[..., T], *args: Any) -> "asyncio.Future[T]":
        assert self._outside is not None
        return self._outside.work(self, executor, lambda: func(*args))

    def create_connection(
        self, protocol_factory: Callable[[], asyncio.Protocol], host: str, port: int
    ) -> Awaitable[tuple[asyncio.Transport, asyncio.Protocol]]:
        assert self._outside is not None
        return self._outside.connect(self, protocol_factory)

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return self.alive

    def is_closed(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Nothing may fail without anybody noticing."""
        if self.alive:
            error = context.get("exception")
            trace = "".join(traceback.format_exception(error)) if error else ""
            self.world.fail(f"{self.name}: {context.get('message')}: {error!r}\n{trace}")

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        pass
