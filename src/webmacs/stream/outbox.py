"""What waits for one stream client. A slow one gets fewer, newer values, and its memory has a bound.

The number of a message is a place: all up to it was sent. So a message that overtakes values which wait goes under
the number of the place before them, and `since` brings them again.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from webmacs.stream.changes import Change
from webmacs.stream.points import Batch, Point

# Points in one message that was put together from newest values.
PAGE = 1000


class Outbox:
    """Messages in order while they fit; else only the newest value of each event, until the client has caught up.

    Changes are kept one by one. When too many wait, they are dropped, and the client has to be told so.
    `place`: all up to this number was sent; `skipped`: how many values were not, because newer ones took their place.
    """

    def __init__(self, most_bytes: int, place: int = 0) -> None:
        self.place = place
        self.skipped = 0
        self._offered = place
        self._interval = 0.0
        self._most_bytes = most_bytes
        self._notes: deque[str] = deque()
        self._notes_bytes = 0
        self._held = 0
        self._messages: deque[Batch | Change] = deque()
        self._bytes = 0
        self._newest: dict[str, Point] = {}
        self._due = 0.0
        self._loop = asyncio.get_running_loop()
        self._some = asyncio.Event()
        self._few = asyncio.Event()
        self._few.set()

    @property
    def conflates(self) -> bool:
        """Whether only the newest value of each event waits."""
        return bool(self._newest)

    def pause(self, seconds: float) -> None:
        """From now on let at least so many pass between two messages with values."""
        self._interval = seconds
        if seconds:
            self._conflate()

    def note(self, text: str) -> None:
        """Send it before any batch that waits."""
        self._notes.append(text)
        self._notes_bytes += len(text)
        self._some.set()
        if self._notes_bytes >= self._most_bytes:
            self._few.clear()

    def offer(self, batch: Batch) -> None:
        """Another batch."""
        if not (self._messages or self._newest):
            self._some.set()
        self._offered = batch.n
        if not (self._interval or self._newest or self._fits(batch)):
            self._conflate()
        if self._interval or self._newest or not self._fits(batch):
            self._keep_newest(batch)
        else:
            self._put(batch)

    def offer_change(self, change: Change) -> bool:
        """Another change. False: too many wait; all are dropped, this one too."""
        self._some.set()
        self._offered = change.n
        if not self._fits(change):
            self._conflate()
        if self._fits(change):
            self._put(change)
            return True
        self._messages.clear()
        self._bytes = 0
        return False

    def clear(self, place: int) -> None:
        """Drop what waits up to this place: something better takes its place."""
        self._messages.clear()
        self._newest.clear()
        self._bytes = 0
        self.place = self._offered = place

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Let messages wait meanwhile, for a note that has to come before them."""
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
        """Wait for the next message, and for the time that has to pass between two with values."""
        while True:
            if self._notes:
                return self._take_note()
            due = self._due_in()
            if due is not None and due <= 0:
                return self._take().text
            await self._wait(due)

    def _due_in(self) -> float | None:
        """Seconds until the next message may go; None: there is none."""
        if self._held:
            return None
        if self._messages:
            return 0.0
        return self._due - self._loop.time() if self._newest else None

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

    def _take(self) -> Batch | Change:
        message = self._take_first() if self._messages else self._take_page()
        if self._newest:
            return message.at(self.place)
        self.place = message.n
        return message

    def _take_first(self) -> Batch | Change:
        message = self._messages.popleft()
        self._bytes -= message.size
        return message

    def _take_page(self) -> Batch:
        self._due = self._loop.time() + self._interval
        return Batch(self._offered, [self._newest.pop(event) for event in list(self._newest)[:PAGE]])

    def _fits(self, message: Batch | Change) -> bool:
        return self._bytes + message.size <= self._most_bytes

    def _put(self, message: Batch | Change) -> None:
        self._messages.append(message)
        self._bytes += message.size

    def _conflate(self) -> None:
        """Of the batches that wait keep the newest values alone."""
        waiting = list(self._messages)
        self._messages.clear()
        self._bytes = 0
        for message in waiting:
            if isinstance(message, Batch):
                self._keep_newest(message)
            else:
                self._put(message)

    def _keep_newest(self, batch: Batch) -> None:
        for point in batch.points:
            known = self._newest.get(point.event)
            self.skipped += known is not None
            if known is None or known.time <= point.time:
                self._newest[point.event] = point
