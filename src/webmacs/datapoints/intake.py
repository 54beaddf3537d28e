"""Frames that wait for the next transaction: bounded, and fair between the sockets that they came from."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from webmacs.config import Ingest
from webmacs.datapoints.acks import Answers
from webmacs.datapoints.frames import Frame
from webmacs.sockets.errors import FrameError

Batch = list[tuple["Source", Frame]]

PRESENT_SECONDS = 2.0
HOLD_SECONDS = 10
NO_ROOM = "no_room"
NO_ROOM_WORDS = "The disk of the server is full: keep the values, and send them again later."


class Source:
    """One telemetry socket: whose it is, its frames that wait, and what it is answered."""

    def __init__(self, credential_id: int) -> None:
        self.credential_id = credential_id
        self.answers = Answers()
        self.frames: deque[Frame] = deque()
        self.points = 0
        self.room = asyncio.Event()
        self.close: Callable[[], None] = lambda: None
        self._held = False
        self._knows_hold = False

    def hold(self, frame: Frame) -> None:
        """There is no room for `frame`. Acknowledgements say that all before is stored, so no later one may be: what
        has a number is to be sent again after the next hello, or, by who does not know that, over another socket."""
        if frame.seq is None:
            self.answers.error(FrameError(NO_ROOM, NO_ROOM_WORDS))
        elif not self._held:
            self._held = True
            if self._knows_hold:
                hold = {"type": "hold", "seq": frame.seq, "seconds": HOLD_SECONDS, "message": NO_ROOM_WORDS}
                self.answers.message(hold)
            else:
                self.close()

    def greet(self, knows_hold: bool) -> None:
        """The client begins anew."""
        self._held, self._knows_hold = False, knows_hold

    def waits(self, frame: Frame) -> bool:
        """Whether it is not to be stored now: it came behind one that was not."""
        return self._held and frame.seq is not None


class Intake:
    """Sockets put frames in, the committer takes batches out.

    Each socket may have its share of `queue_points` waiting, and one frame beyond it; then it is not read.
    A batch takes from all sockets in turn, so that none waits for another one's flood.
    """

    def __init__(self, settings: Ingest) -> None:
        self._settings = settings
        self._sources: set[Source] = set()
        self._turns: deque[Source] = deque()
        self._some = asyncio.Event()
        self._refusing = False
        self._last_at = -PRESENT_SECONDS

    def open(self, credential_id: int) -> Source:
        """A new socket."""
        source = Source(credential_id)
        self._sources.add(source)
        return source

    def close(self, source: Source) -> None:
        """The socket is gone; its frames are stored all the same."""
        self._sources.discard(source)

    async def put(self, source: Source, frame: Frame) -> None:
        """Let `frame` wait its turn; returns when the socket may be read again."""
        if self._refusing:
            await asyncio.Event().wait()  # until the socket is closed
        if source.waits(frame):
            return
        if not source.frames:
            self._turns.append(source)
        source.frames.append(frame)
        source.points += len(frame)
        self._last_at = time.monotonic()
        self._some.set()
        while source.points >= self._share():
            source.room.clear()
            await source.room.wait()

    def refuse(self) -> None:
        """Take no more frames."""
        self._refusing = True

    async def all_answered(self) -> None:
        """Wait until every socket was sent what it is owed."""
        for source in list(self._sources):
            await source.answers.all_taken()

    @property
    def points(self) -> int:
        """How many wait."""
        return sum(source.points for source in self._sources)

    @property
    def most_points(self) -> int:
        """How many may wait."""
        return self._settings.queue_points

    @property
    def sockets(self) -> int:
        """How many are open."""
        return len(self._sources)

    @property
    def empty(self) -> bool:
        """Whether no frame waits."""
        return not self._turns

    def values_come(self) -> bool:
        """Whether a frame has come in the last seconds."""
        return time.monotonic() - self._last_at < PRESENT_SECONDS

    async def next_batch(self) -> Batch:
        """Wait for a frame, and take with it whatever waits by then and fits into one transaction."""
        await self._some.wait()
        batch = self._take(self._settings.batch_points)
        if not self._turns:
            self._some.clear()
        return batch

    def _share(self) -> int:
        return max(1, self._settings.queue_points // max(1, len(self._sources)))

    def _take(self, left: int) -> Batch:
        batch: Batch = []
        turns, quantum = 0, 0
        while self._turns and left > 0:
            if turns == 0:  # a new round: what is left is shared evenly
                turns = len(self._turns)
                quantum = left // turns
            turns -= 1
            source = self._turns[0]
            taken = _take_from(source, quantum, left, at_least=0 if batch else 1)
            if not taken:  # its frame does not fit any more: it begins the next batch
                break
            batch += [(source, frame) for frame in taken]
            left -= sum(map(_cost, taken))
            self._turns.popleft()
            if source.frames:
                self._turns.append(source)
        return batch


def _take_from(source: Source, quantum: int, left: int, at_least: int) -> list[Frame]:
    """Frames of about `quantum` points, not more than `left`; `at_least` so many frames in any case."""
    taken: list[Frame] = []
    cost = 0
    while source.frames and (not taken or cost < quantum):
        cost += _cost(source.frames[0])
        if cost > left and len(taken) >= at_least:
            break
        taken.append(source.frames.popleft())
    source.points -= sum(map(len, taken))
    source.room.set()
    return taken


def _cost(frame: Frame) -> int:
    """Points, but never nothing: a frame without a good point needs an answer too."""
    return len(frame) or 1
