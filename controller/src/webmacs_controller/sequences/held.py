"""The outputs of one course, as its sequence sees them."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from webmacs_controller.commands.executor import Executor
from webmacs_controller.commands.holds import Holding
from webmacs_controller.commands.order import Order
from webmacs_controller.sdk import PluginError
from webmacs_controller.sdk.services import Output
from webmacs_controller.transport.protocol import CommandResult

SET_SECONDS = 5.0
"""For a device to be free; later is not what the course wanted."""

WATCH_SECONDS = 0.2
"""Between two looks at whether a course that waits still may."""

Release = Callable[[Holding, bool], Awaitable[None]]


class Held:
    """See `sdk.services.Hold`. `release` is told whether the course has finished."""

    def __init__(self, holding: Holding, executor: Executor, release: Release) -> None:
        self._holding = holding
        self._executor = executor
        self._release = release
        self._orders: set[asyncio.Task[CommandResult]] = set()

    async def set(self, output: Output, value: float) -> None:
        """If this is cancelled, what is on its way to the device is not: nobody knows what half of it would do."""
        source = (output.instance, output.channel)
        if source not in self._holding.loops:
            raise PluginError(f"{output} is not in the settings of {self._holding.by}")
        now = asyncio.get_running_loop().time()
        order = Order(self._holding.by, source, value, now + SET_SECONDS, (), now, self._holding)
        task = asyncio.create_task(self._executor.drive(order))
        self._orders.add(task)
        task.add_done_callback(self._orders.discard)
        result = await asyncio.shield(task)
        if result.state != "done":
            raise PluginError(self._holding.lost or f"{output}: {result.error}")

    async def until(self, moment: float) -> None:
        """Interlocks are asked while nothing moves, too: nobody may be looking."""
        clock = asyncio.get_running_loop().time
        self._check()
        while (left := moment - clock()) > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, WATCH_SECONDS)):
                    await self._holding.ended.wait()
            self._check()

    async def release(self, *, finished: bool) -> None:
        """The outputs are nobody's then."""
        await self._release(self._holding, finished)

    def _check(self) -> None:
        for source, loop in self._holding.loops.items():
            if problem := self._holding.lost or self._executor.objection(source, loop):
                raise PluginError(problem)
