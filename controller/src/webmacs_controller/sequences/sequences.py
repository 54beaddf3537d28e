"""What all sequences share: which outputs are theirs, and that none stays as a sequence left it which was ended."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from webmacs_controller.commands.executor import Executor
from webmacs_controller.commands.holds import Holding, Holds
from webmacs_controller.commands.journal import Journal, JournalError
from webmacs_controller.measuring.loop import Loop, State
from webmacs_controller.measuring.point import Source
from webmacs_controller.sdk import PluginError
from webmacs_controller.sdk.services import Output
from webmacs_controller.sdk.worker import Worker
from webmacs_controller.sequences.held import Held

log = logging.getLogger(__name__)

T = TypeVar("T")

SAFE_SECONDS = 5.0
"""Who has stopped a sequence waits so long for its outputs to be safe; they go on trying."""


class Sequences:
    """Until `finish`. `loops` are the instances that are at work at any moment, by name."""

    def __init__(
        self, loops: Mapping[str, Loop], holds: Holds, executor: Executor, journal: Journal, disk: Worker
    ) -> None:
        self.loops = loops
        self._holds = holds
        self._executor = executor
        self._journal = journal
        self._disk = disk
        self._closed = False

    def take(self, by: str, outputs: Sequence[Output]) -> Held:
        """For the sequence of that name. Raises PluginError with why not."""
        sources = [(output.instance, output.channel) for output in outputs]
        for source in sources:
            if problem := self._objection(source):
                raise PluginError(problem)
        holding = Holding(by, {source: self.loops[source[0]] for source in sources})
        self._holds.add(holding)
        return Held(holding, self._executor, self._release)

    async def begin(self, holding: Holding, source: Source) -> None:
        """It is about to be driven. It is on disk when this returns that it has to be made safe, should this process be
        killed. Raises JournalError."""
        if source not in holding.begun:
            safe = holding.loops[source].instance.channels[source[1]].safe_value or 0.0
            duty = (source, safe, f"the sequence {holding.by} was interrupted")
            await self._disk.call(lambda: self._journal.owe([duty]))
            holding.begun.add(source)

    async def finish(self) -> None:
        """All courses end now. Returns when their outputs are safe, or have been waited for long enough."""
        self._closed = True
        for holding in self._holds:
            holding.end("the controller stops")
        await self._holds.until_none()

    async def set_points(self, name: str, key: str) -> Mapping[str, float]:
        """Of an instance; what was chosen before the server had given it a key is found by its name. Raises
        PluginError."""
        return await self._keep(lambda: self._journal.set_points(name) | self._journal.set_points(key))

    async def choose(self, key: str, channel_id: str, value: float) -> None:
        """A set point, on disk when this returns. Raises PluginError."""
        await self._keep(lambda: self._journal.choose((key, channel_id), value))

    def _objection(self, source: Source) -> str:
        if self._closed:
            return "the controller stops"
        if holding := self._holds.get(source):
            return f"{'/'.join(source)} is driven by {holding.by}"
        return self._executor.objection(source)

    async def _release(self, holding: Holding, finished: bool) -> None:
        """Raises PluginError for what is not safe yet."""
        holding.end("its sequence has ended")
        problems = [problem for source in holding.loops if (problem := await self._let_go(holding, source, finished))]
        if problems:
            raise PluginError("; ".join(problems))

    async def _let_go(self, holding: Holding, source: Source, finished: bool) -> str:
        """Why it is not safe yet, if it should be."""
        loop, problem = holding.loops[source], ""
        here = any(loop is one for one in self.loops.values())  # else it has made its outputs safe itself
        owes = source in holding.begun and source not in holding.taken and here and not finished
        if owes:
            loop.owe(source[1], f"the sequence {holding.by} was ended")
            problem = await _until_safe(loop, source)
        if source in holding.begun and (not owes or loop.instance.name != source[0]):  # it may be renamed meanwhile
            await self._pay(source)
        self._holds.remove(source)
        return problem

    async def _pay(self, source: Source) -> None:
        try:
            await self._disk.call(lambda: self._journal.pay([source]))
        except JournalError as error:  # so the next start makes it safe
            log.error("it is not noted that %s is let go: %s", "/".join(source), error)

    async def _keep(self, call: Callable[[], T]) -> T:
        try:
            return await self._disk.call(call)
        except JournalError as error:
            raise PluginError(str(error)) from None


async def _until_safe(loop: Loop, source: Source) -> str:
    words = f"{'/'.join(source)} is not at its safe value yet"
    if loop.state is not State.RUNNING:
        return f"{words}: {source[0]} is not running"
    try:
        async with asyncio.timeout(SAFE_SECONDS):
            await loop.safety.until_paid(source[1])
    except TimeoutError:
        return words
    return ""
