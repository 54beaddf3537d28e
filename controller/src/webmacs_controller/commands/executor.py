"""One command on its device: checked, noted, written, read back."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from webmacs_controller.commands.holds import Holds
from webmacs_controller.commands.interlocks import blocking
from webmacs_controller.commands.order import Order
from webmacs_controller.configuration.settings import Interlock
from webmacs_controller.measuring.instance import describe
from webmacs_controller.measuring.loop import Loop, State
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Source
from webmacs_controller.measuring.turn import Turn
from webmacs_controller.sdk import OutcomeUnknownError, PluginError
from webmacs_controller.sdk.quality import is_usable
from webmacs_controller.transport.protocol import CommandResult, Outcome

RECOVER_SECONDS = 30.0
"""For a device to answer after a restart, so that its output can be read back."""

Note = Callable[[Order], Awaitable[None]]


class RefusedError(Exception):
    """A command is not carried out; the message says why, to a person."""

    def __init__(self, words: str, state: Outcome = "failed") -> None:
        super().__init__(words)
        self.state = state


class Executor:
    """Uses the instances that `loops` keep running. `note` is awaited before anything is written; if it raises
    RefusedError, nothing is. A command takes its output away from the sequence that `holds` name."""

    def __init__(self, loops: Mapping[str, Loop], newest: Newest, note: Note, holds: Holds) -> None:
        self._loops = loops
        self._holds = holds
        self._newest_readings = newest
        self._note = note
        self._latest: dict[Source, Order] = {}

    async def carry_out(self, order: Order) -> CommandResult:
        """What came of it. An older command for the same output that still waits is superseded."""
        self._latest[order.source] = order
        try:
            return await self.drive(order)
        finally:
            if self._latest.get(order.source) is order:
                del self._latest[order.source]

    async def drive(self, order: Order) -> CommandResult:
        """What came of it. Of a sequence: a command that waits goes before it or after it, and stays."""
        try:
            return await self._in_turn(order)
        except RefusedError as refusal:
            return CommandResult(order.id, refusal.state, None, str(refusal))

    def objection(self, source: Source, meant: Loop | None = None) -> str:
        """Why no sequence may drive this output now, or not that of the instance which is `meant`; empty: it may."""
        loop = self._loops.get(source[0])
        if loop is None:
            return f"this controller has no instance {source[0]!r} at work"
        if meant not in (None, loop):
            return f"{source[0]} has other settings"
        if source[1] in loop.safety.owed:
            return f"{'/'.join(source)} has to go to its safe value: {loop.safety.owed[source[1]]}"
        return _idleness(loop) or self._interlock(_guards(source, loop), loop)

    async def recover(self, command_id: str, source: Source | None) -> CommandResult:
        """Of a command that an earlier process has begun: nothing is written, the output is read back."""
        value, problem = await self._read_back_after_start(source)
        words = "the controller was interrupted while it carried this out; it did not try again"
        return CommandResult(command_id, "outcome_unknown", value, words if problem is None else f"{words}; {problem}")

    async def _in_turn(self, order: Order) -> CommandResult:
        instance, channel_id = order.source
        loop = self._loops.get(instance)
        if loop is None:
            raise RefusedError(f"this controller has no instance {instance!r}")
        async with self._turn(order, loop) as turn:
            self._check(order, loop, turn)
            await self._note(order)
            self._check(order, loop, turn)  # a disk may take its time
            result = await self._write(order, channel_id, loop, turn)
            if order.holding is None and result.state != "failed":
                self._holds.command(order.source, order.value)
            return result

    @asynccontextmanager
    async def _turn(self, order: Order, loop: Loop) -> AsyncIterator[Turn]:
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout_at(order.deadline):
                    await loop.until(lambda state: state is not State.CONNECTING)
                    turn = await stack.enter_async_context(loop.instance.turn())
            except TimeoutError:
                raise RefusedError("the device was not free within the command's time to live", "expired") from None
            yield turn

    def _check(self, order: Order, loop: Loop, turn: Turn) -> None:
        if asyncio.get_running_loop().time() >= order.deadline:
            raise RefusedError("its time to live was over before it could be carried out", "expired")
        if loop.safety.is_overtaken(order.source[1], order.came):
            raise RefusedError("since it came, its output had to go to its safe value", "expired")
        if problem := self._refusal(order, loop):
            raise RefusedError(problem)
        try:
            turn.check_write(order.source[1], order.value)
        except PluginError as error:
            raise RefusedError(str(error)) from None

    def _refusal(self, order: Order, loop: Loop) -> str:
        if order.holding is not None:
            return order.holding.lost or self.objection(order.source, order.holding.loops[order.source])
        if self._latest.get(order.source) is not order:
            return "superseded: a newer command for this output came before it could be carried out"
        return _idleness(loop) or self._interlock(order.interlocks, loop)

    def _interlock(self, interlocks: Iterable[tuple[Source | None, Interlock]], loop: Loop) -> str:
        return blocking(interlocks, self._newest_readings, simulated=loop.instance.plugin.meta.demo) or ""

    async def _write(self, order: Order, channel_id: str, loop: Loop, turn: Turn) -> CommandResult:
        state, error = await _try_to_write(order, channel_id, turn)
        value, problem = await _read_back(channel_id, loop, turn)
        if state == "done" and problem is not None:
            state, error = "outcome_unknown", f"written, but {problem}"
        return CommandResult(order.id, state, value, error)

    async def _read_back_after_start(self, source: Source | None) -> tuple[float | None, str | None]:
        loop = self._loops.get(source[0]) if source else None
        if loop is None or source is None:
            return None, "its output is not configured any more"
        try:
            async with asyncio.timeout(RECOVER_SECONDS):
                await loop.until(lambda state: state is State.RUNNING)
        except TimeoutError:
            return None, f"{loop.instance.name} is not running: {loop.problem}".rstrip(": ")
        async with loop.instance.turn() as turn:
            return await _read_back(source[1], loop, turn)


def _idleness(loop: Loop) -> str:
    """Why nothing can be written to it; empty: it runs."""
    if loop.state is State.RUNNING:
        return ""
    return f"{loop.instance.name} is not running ({loop.state}): {loop.problem}".rstrip(": ")


def _guards(source: Source, loop: Loop) -> Iterator[tuple[Source | None, Interlock]]:
    """The interlocks of an output, as it is configured."""
    gauge = loop.instance.gauges.get(source[1])
    for lock in gauge.settings.interlocks if gauge else ():
        yield (lock.instance, lock.channel) if lock.instance and lock.channel else None, lock


async def _try_to_write(order: Order, channel_id: str, turn: Turn) -> tuple[Outcome, str | None]:
    try:
        await turn.write(channel_id, order.value)
    except OutcomeUnknownError as error:
        return "outcome_unknown", describe(error)
    except Exception as error:  # whatever a plugin raises
        return "failed", describe(error)
    return "done", None


async def _read_back(channel_id: str, loop: Loop, turn: Turn) -> tuple[float | None, str | None]:
    """The value, or what is wrong with it. What was read is delivered as any reading is."""
    try:
        points = await turn.read()
    except Exception as error:  # as above
        return None, f"it could not be read back: {describe(error)}"
    loop.deliver(points)
    for point in points:
        if point.source[1] == channel_id and is_usable(point.quality):
            return point.value, None
    return None, "it could not be read back: the device gives no value"
