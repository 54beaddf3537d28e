"""What is known after a crash of outputs: whether they may have been left as they were, and which were to be safe."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

from webmacs_controller.commands.journal import Journal, JournalError, JournalInUseError
from webmacs_controller.measuring.point import Source
from webmacs_controller.sdk.worker import Worker

log = logging.getLogger(__name__)

T = TypeVar("T")

DISK_SECONDS = 1.0
"""No output waits for the disk any longer than that."""

START_SECONDS = 3.0
"""At the start: longer than it takes to find out that another controller has the journal."""


class Duty(NamedTuple):
    """An output is to go to its safe value."""

    source: Source
    value: float
    why: str


class Left(NamedTuple):
    """How an earlier process has left its outputs: at their safe values (`clean`) or not; `unfinished` are those that
    it was about to make safe."""

    clean: bool
    unfinished: Sequence[Source]


class Record:
    """In the journal. It is told to the log when that does not answer, and nothing waits for it: an output that has to
    be safe is more important than a note on it."""

    def __init__(self, journal: Journal, disk: Worker) -> None:
        self._journal = journal
        self._disk = disk
        self._in_use = False

    async def start(self) -> Left:
        """Outputs may be moved from now on. Where the journal cannot be used nobody knows how they were left, but if
        another controller has it they are not ours."""
        return Left(*(await self._try(self._journal.start, START_SECONDS) or (self._in_use, ())))

    async def stop(self) -> None:
        """All outputs are at their safe values."""
        await self._try(self._journal.stop)

    async def begin(self, duties: Sequence[Duty]) -> None:
        """They will be made safe now."""
        await self._try(lambda: self._journal.owe(duties))

    async def end(self, sources: Sequence[Source]) -> None:
        """They are."""
        await self._try(lambda: self._journal.pay(sources))

    async def _try(self, note: Callable[[], T], seconds: float = DISK_SECONDS) -> T | None:
        try:
            async with asyncio.timeout(seconds):
                return await self._disk.call(note)
        except JournalError as error:
            self._in_use = isinstance(error, JournalInUseError)
            log.error("of outputs nothing is noted: %s", error)
        except TimeoutError:
            log.error("of outputs nothing is noted: the disk does not answer within %g s", seconds)
        return None
