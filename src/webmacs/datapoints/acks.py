"""What a telemetry socket owes its client: acknowledgements after commit, and errors, in order."""

import asyncio
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from msgspec.json import encode

from webmacs.datapoints.frames import Frame, Refusal
from webmacs.sockets.errors import FrameError

MAX_NAMED = 100
# Answers that may wait for a client that does not read them, before it is not read either.
MAX_WAITING = 256
DUPLICATE = "duplicate"


class Text(Protocol):
    """What becomes text when it is its turn to be sent."""

    def text(self) -> str:
        """As it is sent."""


@dataclass(slots=True)
class Ack:
    """Sums over one or more frames that were committed. `seq` is that of the last; None: they have no numbers."""

    seq: int | None
    accepted: int = 0
    duplicates: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    rejected_total: int = 0

    def add(self, frame: Frame, refusals: list[Refusal]) -> None:
        """Count another frame, with what the database did not store of it."""
        self.seq = frame.seq
        refused = frame.malformed + refusals if frame.malformed else refusals
        if refused:
            self._add_refused(frame.seq, refused)
        self.accepted += len(frame) - len(refusals)

    def _add_refused(self, seq: int | None, refusals: list[Refusal]) -> None:
        rejected = [refusal for refusal in refusals if refusal.reason != DUPLICATE]
        self.duplicates += len(refusals) - len(rejected)
        self.rejected_total += len(rejected)
        for refusal in sorted(rejected)[: MAX_NAMED - len(self.rejected)]:
            number = {} if seq is None else {"seq": seq}
            self.rejected.append(number | asdict(refusal))

    def text(self) -> str:
        """As it is sent."""
        number = "" if self.seq is None else f'"seq":{self.seq},'
        rejected = encode(self.rejected).decode() if self.rejected else "[]"
        return (
            f'{{"type":"ack",{number}"accepted":{self.accepted},"duplicates":{self.duplicates},'
            f'"rejected":{rejected},"rejected_total":{self.rejected_total}}}'
        )


class Answers:
    """The answers that wait to be sent on one socket. Acknowledgements that wait are merged."""

    def __init__(self) -> None:
        self._waiting: deque[Text | str] = deque()
        self._some = asyncio.Event()
        self._few = asyncio.Event()
        self._few.set()
        self._none = asyncio.Event()
        self._none.set()

    def acknowledge(self, frame: Frame, refusals: list[Refusal]) -> None:
        """`frame` is committed, but for `refusals`."""
        last = self._waiting[-1] if self._waiting else None
        if not isinstance(last, Ack) or (last.seq is None) != (frame.seq is None):
            last = Ack(frame.seq)
            self.put(last)
        last.add(frame, refusals)

    def error(self, error: FrameError) -> None:
        """A frame was not understood, or could not be stored."""
        number = {} if error.seq is None else {"seq": error.seq}
        self.message({"type": "error", **number, "code": error.code, "message": error.message})

    def message(self, message: dict[str, Any]) -> None:
        """Anything else."""
        self.put(encode(message).decode())

    def put(self, answer: Text | str) -> None:
        """The same, as text or what becomes it."""
        self._waiting.append(answer)
        self._some.set()
        self._none.clear()
        if len(self._waiting) >= MAX_WAITING:
            self._few.clear()

    async def few(self) -> None:
        """Wait until not too many answers wait."""
        await self._few.wait()

    async def all_taken(self) -> None:
        """Wait until no answer waits."""
        await self._none.wait()

    async def next(self) -> str:
        """Wait for the next answer."""
        await self._some.wait()
        answer = self._waiting.popleft()
        if not self._waiting:
            self._some.clear()
            self._none.set()
        if len(self._waiting) < MAX_WAITING:
            self._few.set()
        return answer if isinstance(answer, str) else answer.text()
