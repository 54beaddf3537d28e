"""The lane of points on disk: read row by row, sent at a bounded rate, removed when all of a row is settled."""

import asyncio
import math
from collections.abc import Sequence
from functools import partial

from webmacs_controller.sdk.worker import Worker
from webmacs_controller.storage.store import Row, Store
from webmacs_controller.transport.chunk import Chunk, Part

READ_AHEAD = 5_000
"""Points in memory, so that sending does not wait for the disk."""

REMOVE_SECONDS = 1.0
"""Rows that are settled within that time are removed together."""

CATCH_UP_SECONDS = 0.1
"""What might have been sent earlier is made up for, but for no longer than this."""


class Backlog:
    """At most `rate` points in a second are taken. What has to wait for the disk raises StoreError."""

    def __init__(self, store: Store, rate: float, worker: Worker | None = None) -> None:
        self._store = store
        self._rate = rate
        self._worker = worker or Worker("buffer")
        self._chunks: dict[int, Chunk] = {}  # by their rows: those that are read, and those of which some are under way
        self._reached = 0  # the last row that has been read
        self._at_end = False
        self._spared = 0
        self._points = 0
        self._next_take = -math.inf
        self._next_removal = math.inf

    def __len__(self) -> int:
        """Points that are not settled."""
        return max(0, self._points - sum(chunk.settled for chunk in self._chunks.values()))

    @property
    def dropped(self) -> int:
        """What went because of the limits or damage, but for what had been read before, and has arrived."""
        return self._store.dropped - self._spared

    @property
    def next_take(self) -> float:
        """When the rate allows more, by the event loop's clock; infinity if there is nothing that could be sent."""
        front = self._front()
        return self._next_take if front is not None and front.points is not None else math.inf

    @property
    def next_work(self) -> float:
        """When there is something to `work`."""
        return -math.inf if self._wants_more() else self._next_removal

    def take(self, most: int) -> Part | None:
        """The next at most `most` points, if the rate allows it; under way until they are settled or put back."""
        front, now = self._front(), asyncio.get_running_loop().time()
        if front is None or front.points is None or now < self._next_take:
            return None
        part = front.take(most)
        self._next_take = max(self._next_take, now - CATCH_UP_SECONDS) + part.size / self._rate
        return part

    def settle(self, part: Part) -> None:
        """The points will not be sent again."""
        part.chunk.settled += part.size
        self._note(part.chunk)

    def put_back(self, part: Part) -> None:
        """The points wait again, before those behind them."""
        part.put_back()
        if part.chunk.points is None and part.chunk.waiting == part.chunk.size:
            self._chunks.pop(part.chunk.number, None)  # it is read in its turn

    def look_again(self) -> None:
        """Rows that waited for the clock to be set may be readable now."""
        self._at_end = False

    async def write(self, chunks: Sequence[Chunk]) -> None:
        """Put them on disk. Meanwhile parts of them may be settled and put back."""
        numbers = await self._worker.call(lambda: self._store.write([chunk.points or () for chunk in chunks]))
        for chunk, number in zip(chunks, numbers, strict=True):
            chunk.number, chunk.points = number, None
            if chunk.waiting < chunk.size:  # the others are read in their turn
                self._chunks[number] = chunk
                self._note(chunk)
        self._at_end = False
        self._points = self._store.points

    async def work(self) -> None:
        """Read the next row, or remove settled ones."""
        await (self._read() if self._wants_more() else self._remove())
        self._points = self._store.points

    async def close(self) -> None:
        """Remove what is settled, and let go of the file."""
        await self._remove()
        await self._worker.call(self._store.close)
        self._worker.stop()

    def _front(self) -> Chunk | None:
        """Whose points are the next."""
        waiting = (number for number, chunk in self._chunks.items() if chunk.pending and number <= self._reached)
        return self._chunks.get(min(waiting, default=0))

    def _wants_more(self) -> bool:
        front = self._front()
        if front is not None and front.points is None:
            return True
        ready = sum(chunk.waiting for chunk in self._chunks.values() if chunk.points is not None)
        return ready < READ_AHEAD and not self._at_end

    async def _read(self) -> None:
        front = self._front()
        missing = front.number if front is not None and front.points is None else None
        after = self._reached if missing is None else missing - 1
        row = await self._worker.call(partial(self._store.read, after))
        if missing is not None and (row is None or row.number != missing):
            del self._chunks[missing]  # dropped, because of the limits
        if row is not None:
            self._open(row)
        elif missing is None:
            self._at_end = True

    def _open(self, row: Row) -> None:
        if row.number > self._reached:
            self._reached = row.number
            self._chunks.setdefault(row.number, Chunk.all_waiting(None, len(row.points), row.number))
        if row.number in self._chunks:
            self._chunks[row.number].points = row.points

    async def _remove(self) -> None:
        settled = [number for number, chunk in self._chunks.items() if chunk.is_settled]
        if settled:
            gone = await self._worker.call(lambda: self._store.remove(settled))
            self._spared += sum(self._chunks[number].size for number in settled) - gone
        for number in settled:
            del self._chunks[number]
        self._next_removal = math.inf

    def _note(self, chunk: Chunk) -> None:
        if chunk.is_settled and chunk.number in self._chunks:
            self._next_removal = min(self._next_removal, asyncio.get_running_loop().time() + REMOVE_SECONDS)
