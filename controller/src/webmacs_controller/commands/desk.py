"""Where commands come in and results go out: each id is carried out once, whatever is repeated or killed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from webmacs_controller.commands.executor import Executor, RefusedError
from webmacs_controller.commands.holds import Holding, Holds
from webmacs_controller.commands.journal import Journal, JournalError
from webmacs_controller.commands.order import Order
from webmacs_controller.commands.outbox import Outbox
from webmacs_controller.measuring.loop import Loop
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Source
from webmacs_controller.sdk.worker import Worker
from webmacs_controller.sequences.sequences import Sequences
from webmacs_controller.transport.protocol import Command, CommandResult

log = logging.getLogger(__name__)

Attempt = Callable[[], Awaitable[CommandResult]]

FINISH_SECONDS = 2.0
"""When the controller stops: for what has been begun."""


class Desk:
    """`outbox` holds the results; `sequences` act by the same way. `loops` are the instances that are at work at any
    moment, by name. `start` before the connection is made, `finish` and `close` at the end."""

    def __init__(self, journal: Journal, loops: Mapping[str, Loop], newest: Newest, disk: Worker | None = None) -> None:
        self.outbox = Outbox()
        self._journal = journal
        self._disk = disk or Worker("journal")  # a commit waits for the disk, nothing else shall
        holds = Holds()
        self._executor = Executor(loops, newest, self._begin, holds)
        self.sequences = Sequences(loops, holds, self._executor, journal, self._disk)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._notes: set[asyncio.Task[None]] = set()
        self._begun: set[str] = set()
        self._closed = False

    async def start(self) -> None:
        """Take up what an earlier process left: results to be sent, and commands of which nobody knows the outcome."""
        try:
            entries = await self._disk.call(self._journal.open_entries)
        except JournalError as error:
            log.error("commands will be refused: %s", error)
            return
        for entry in entries:
            if entry.result is not None:
                self.outbox.put(entry.result)
            else:
                log.warning("command %s was begun before the last stop, its output is read back", entry.id)
                self._work_on(entry.id, partial(self._executor.recover, entry.id, entry.source))

    def accept(self, command: Command, delay: float) -> None:
        """Carry it out, or answer as before. `delay`: for how many seconds it was on its way."""
        self._work_on(command.id, partial(self._executor.carry_out, Order.of(command, delay)))

    def refuse(self, command_id: str, why: str) -> None:
        """Answer a command that cannot be carried out."""

        async def refusal() -> CommandResult:
            return CommandResult(command_id, "failed", None, why)

        self._work_on(command_id, refusal)

    def noted(self, command_id: str) -> None:
        """The server has stored the result."""
        if self.outbox.confirm(command_id):
            task = asyncio.create_task(self._note(command_id))
            self._notes.add(task)
            task.add_done_callback(self._notes.discard)

    async def finish(self) -> None:
        """Carry out no more. What has been begun is given a little time; if that is too little, the journal says so at
        the next start. What has not been begun is left to the server. Sequences end, their outputs are safe."""
        self._closed = True
        ending = asyncio.create_task(self.sequences.finish())
        for command_id, task in self._tasks.items():
            if command_id not in self._begun:
                task.cancel()
        _, late = await asyncio.wait([ending, *self._tasks.values()], timeout=FINISH_SECONDS)
        for task in late:
            task.cancel()

    async def close(self) -> None:
        """Let go of the journal, after what is on its way there."""
        try:
            async with asyncio.timeout(FINISH_SECONDS):
                await self._disk.call(self._journal.close)
        except TimeoutError:
            log.error("the disk does not answer: the journal is left open")
        self._disk.stop()

    def _work_on(self, command_id: str, attempt: Attempt) -> None:
        if command_id in self._tasks or self._closed:
            return
        task = asyncio.create_task(self._work(command_id, attempt))
        self._tasks[command_id] = task
        task.add_done_callback(lambda _: self._ended(command_id))

    def _ended(self, command_id: str) -> None:
        del self._tasks[command_id]
        self._begun.discard(command_id)

    async def _work(self, command_id: str, attempt: Attempt) -> None:
        try:
            result = self.outbox.get(command_id) or await self._result(command_id, attempt)
        except JournalError as error:  # whether it was carried out before cannot be known: so it is not carried out
            result = CommandResult(command_id, "failed", None, str(error))
        log.info("command %s: %s, value %s, %s", command_id, result.state, result.value, result.error or "no error")
        self.outbox.put(result)

    async def _result(self, command_id: str, attempt: Attempt) -> CommandResult:
        entry = await self._disk.call(lambda: self._journal.find(command_id))
        if entry is None:
            return await self._keep(await attempt())
        if entry.result is None:
            return await self._keep(await self._executor.recover(command_id, entry.source))
        return entry.result

    async def _begin(self, wanted: Order) -> None:
        if wanted.holding is not None:
            await self._begin_sequence(wanted.holding, wanted.source)
            return
        self._begun.add(wanted.id)
        try:
            await self._disk.call(lambda: self._journal.begin(wanted.id, wanted.source, wanted.value))
        except JournalError as error:
            self._begun.discard(wanted.id)
            raise RefusedError(str(error)) from None

    async def _begin_sequence(self, holding: Holding, source: Source) -> None:
        try:
            await self.sequences.begin(holding, source)
        except JournalError as error:
            raise RefusedError(str(error)) from None

    async def _keep(self, result: CommandResult) -> CommandResult:
        """The result, on disk. Where that fails after a beginning was noted, it is what the next start would say."""
        try:
            await self._disk.call(lambda: self._journal.finish(result))
        except JournalError as error:
            log.error("command %s: its result is not noted: %s", result.id, error)
            if result.id in self._begun:
                words = f"{result.error or 'written and read back'}, but not noted: {error}"
                return CommandResult(result.id, "outcome_unknown", result.value, words)
        return result

    async def _note(self, command_id: str) -> None:
        try:
            await self._disk.call(lambda: self._journal.note(command_id))
        except JournalError as error:  # so it will be sent once more after the next start
            log.warning("command %s: not noted that the server has the result: %s", command_id, error)
