"""What waits for one stream client. A slow one gets fewer, newer values, and its memory has a bound."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from webmacs.datapoints.points import Batch, Point

# Points in one message that was put together from newest values.
PAGE = 1000


class Outbox:
    """Batches in order while they fit; else only the newest value of each event, until the client has caught up."""

    def __init__(self, most_bytes: int) -> None:
        self.interval = 0.0
        self._most_bytes = most_bytes
        self._notes: deque[str] = deque()
        self._notes_bytes = 0
        self._held = 0
        self._batches: deque[Batch] = deque()
        self._bytes = 0
        self._newest: dict[str, Point] = {}
        self._n = 0
        self._due = 0.0
        self._loop = asyncio.get_running_loop()
        self._some = asyncio.Event()
        self._few = asyncio.Event()
        self._few.set()

    def note(self, text: str) -> None:
        """Send it before any batch that waits."""
        self._notes.append(text)
        self._notes_bytes += len(text)
        self._some.set()
        if self._notes_bytes >= self._most_bytes:
            self._few.clear()

    def offer(self, batch: Batch) -> None:
        """Another batch."""
        if not (self._batches or self._newest):
            self._some.set()
        if self.interval or self._newest or self._bytes + len(batch.text) > self._most_bytes:
            self._conflate(batch)
        else:
            self._batches.append(batch)
            self._bytes += len(batch.text)

    def clear(self) -> None:
        """Drop the batches that wait: something better takes their place."""
        self._batches.clear()
        self._newest.clear()
        self._bytes = 0

    @contextmanager
    def holding_batches(self) -> Iterator[None]:
        """Let batches wait meanwhile, for a note that has to come before them."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._some.set()

    async def few_notes(self) -> None:
        """Wait until not too much of what the client asked for waits."""
        await self._few.wait()

    async def next(self) -> str:
        """Wait for the next message, and for the time that `interval` demands between two batches."""
        while True:
            if self._notes:
                return self._take_note()
            due = self._due - self._loop.time() if self._ready else None
            if due is not None and due <= 0:
                self._due = self._loop.time() + self.interval
                return self._take_batch().text
            await self._wait(due)

    @property
    def _ready(self) -> bool:
        return bool(self._batches or self._newest) and not self._held

    async def _wait(self, seconds: float | None) -> None:
        """Until something new is there, or so many seconds."""
        self._some.clear()
        alarm = None if seconds is None else self._loop.call_later(seconds, self._some.set)
        await self._some.wait()
        if alarm:
            alarm.cancel()

    def _take_note(self) -> str:
        note = self._notes.popleft()
        self._notes_bytes -= len(note)
        if self._notes_bytes < self._most_bytes:
            self._few.set()
        return note

    def _take_batch(self) -> Batch:
        if self._batches:
            batch = self._batches.popleft()
            self._bytes -= len(batch.text)
            return batch
        return Batch(self._n, [self._newest.pop(event) for event in list(self._newest)[:PAGE]])

    def _conflate(self, latest: Batch) -> None:
        for batch in (*self._batches, latest):
            for point in batch.points:
                known = self._newest.get(point.event)
                if known is None or known.time <= point.time:
                    self._newest[point.event] = point
            self._n = batch.n
        self._batches.clear()
        self._bytes = 0
