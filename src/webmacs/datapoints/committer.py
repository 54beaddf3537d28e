"""Group commit without a timer: while one transaction commits, frames gather for the next."""

import asyncio
import logging
import time
from collections import Counter

from webmacs.datapoints.frames import Refusal
from webmacs.datapoints.intake import Batch, Intake
from webmacs.datapoints.store import NoRoomError, Store, UnstorableError
from webmacs.metrics.figure import Histogram
from webmacs.sockets.errors import FrameError

# Of private.ingest; of what cannot be read as a point; of what the database takes in no way.
REASONS = (
    "unknown_event",
    "not_yours",
    "disabled",
    "malformed",
    "not_finite",
    "out_of_horizon",
    "future",
    "conflict",
    "duplicate",
    "not_stored",
)

log = logging.getLogger(__name__)


class Committer:
    """Takes batches from the intake, stores them, and acknowledges them after commit."""

    def __init__(self, intake: Intake, store: Store) -> None:
        self.intake = intake
        self._store = store
        self._idle = asyncio.Event()
        self.committed = 0
        self.no_room = False
        # By reason, and duplicate among them; all are there from the beginning, so that a rate can be told of each.
        self.refused = Counter(dict.fromkeys(REASONS, 0))
        self.seconds = Histogram(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if self.intake.empty:
                self._idle.set()
            batch = await self.intake.next_batch()
            self._idle.clear()
            await self._commit(batch)

    async def drain(self) -> None:
        """Wait until nothing waits to be committed."""
        while not (self.intake.empty and self._idle.is_set()):
            await self._idle.wait()
            await asyncio.sleep(0)

    async def _commit(self, batch: Batch) -> None:
        batch = [(source, frame) for source, frame in batch if not source.waits(frame)]
        if not batch:
            return
        begin = time.monotonic()
        try:
            refusals = await self._store.ingest(batch)
        except UnstorableError as error:
            await self._commit_singly(batch, error)
        except NoRoomError as error:
            self._hold(batch, error)
        else:
            self.no_room = False
            _acknowledge(batch, refusals)
            self.seconds.note(time.monotonic() - begin)
            self.committed += sum(len(frame) for _, frame in batch) - len(refusals)
            self.refused.update(reason for _, reason in refusals)
            self.refused["malformed"] += sum(len(frame.malformed) for _, frame in batch)

    def _hold(self, batch: Batch, error: NoRoomError) -> None:
        """Nobody's values are lost: each keeps them, and tries again after a while."""
        if not self.no_room:
            log.error("Values are not taken: %s", error)
        self.no_room = True
        for source, frame in batch:
            source.hold(frame)

    async def _commit_singly(self, batch: Batch, error: UnstorableError) -> None:
        """One bad frame must not harm the others."""
        if len(batch) > 1:
            for item in batch:
                await self._commit([item])
            return
        ((source, frame),) = batch
        log.error("A frame cannot be stored: %s", error)
        self.refused["not_stored"] += len(frame)
        source.answers.error(FrameError("not_stored", "The database cannot store this frame.", frame.seq))


def _acknowledge(batch: Batch, refused: list[tuple[int, str]]) -> None:
    if not refused:
        for source, frame in batch:
            source.answers.acknowledge(frame, [])
        return
    remaining = sorted(refused, reverse=True)
    end = 0
    for source, frame in batch:
        start, end = end, end + len(frame)
        refusals: list[Refusal] = []
        while remaining and remaining[-1][0] <= end:
            ordinal, reason = remaining.pop()
            refusals.append(frame.refusal(ordinal - start - 1, reason))
        source.answers.acknowledge(frame, refusals)
