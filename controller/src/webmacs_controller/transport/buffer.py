"""Points that the server has not acknowledged: those just measured in memory, what is older on disk."""

import asyncio
import logging
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from webmacs_controller.clock.clock import Clock
from webmacs_controller.clock.correction import corrected
from webmacs_controller.measuring.point import Point, Source
from webmacs_controller.storage.store import Store
from webmacs_controller.transport.backlog import Backlog
from webmacs_controller.transport.chunk import Chunk, Part
from webmacs_controller.transport.in_flight import Frame, InFlight
from webmacs_controller.transport.keeper import Keeper
from webmacs_controller.transport.memory import Batch, Memory
from webmacs_controller.transport.pace import Pace

log = logging.getLogger(__name__)

WRITE_AT = 0.75
"""Share of `flush_seconds` after which writing begins; the rest is for the disk."""

CHUNK_POINTS = 16_384
"""A row has no more, so that reading it back takes milliseconds and few MB."""

Wanted = Callable[[Point], bool]


class Buffer:
    """put, take a frame, confirm or discard. `run` puts on disk what is not acknowledged for `flush_seconds`.

    There are two lanes: what is in memory is taken first, what is on disk beside it, each in its order. In memory are
    at most `limit` points: when the disk fails the oldest that are not under way go first. `unwanted` counts what no
    event of the server stands for, `dropped_told` what of `dropped` the server knows. `names` are those of instances,
    for people, by the keys that points have.
    """

    def __init__(
        self, limit: int, clock: Clock | None = None, backlog: Backlog | None = None, flush_seconds: float = 2.0
    ) -> None:
        self.limit = limit
        self.clock = clock or Clock()
        self.unwanted = 0
        self.dropped_told = 0
        self.names: Mapping[str, str] = {}
        self._backlog = _without_disk(self.clock) if backlog is None else backlog
        self._flush_seconds = flush_seconds
        self._memory = Memory()
        self._in_flight = InFlight()
        self._pace = Pace()
        self._writing: list[Chunk] = []
        self._said: set[Source] = set()
        self._changed = asyncio.Event()
        self._keeper = Keeper(self._work_at, self._work)

    def __len__(self) -> int:
        return self.unsaved + len(self._backlog)

    @property
    def unsaved(self) -> int:
        """Points that a crash would lose."""
        writing = sum(chunk.size - chunk.settled for chunk in self._writing)
        return len(self._memory) + sum(len(frame.points) for frame in self._in_flight.unsaved) + writing

    @property
    def dropped(self) -> int:
        """Points that went for want of room."""
        return self._memory.dropped + self._backlog.dropped

    @property
    def is_well(self) -> bool:
        """Whether the disk takes what is to be kept."""
        return self._keeper.is_well

    @property
    def in_flight(self) -> int:
        """Frames that are under way."""
        return len(self._in_flight)

    @property
    def oldest(self) -> int | None:
        """Number of the frame that has been under way for longest."""
        return self._in_flight.oldest

    @property
    def is_ready(self) -> bool:
        """Whether there is something that may be taken now."""
        return self.clock.is_set and (len(self._memory) > 0 or self._next_of_backlog() <= _now())

    def has(self, points: int) -> bool:
        """Whether so many may be taken now, at least; what is on disk counts as much."""
        return len(self._memory) >= points or self._next_of_backlog() <= _now()

    def put(self, points: Sequence[Point]) -> None:
        """Keep `points`."""
        if self.unsaved == 0:
            self._keeper.wake()  # in a while
        self._memory.put(Batch(points, _now()))
        self._limit_memory()
        self._changed.set()

    def take(self, most: int, wanted: Wanted) -> Frame | None:
        """The next at most `most` points that are wanted, now under way; the others before them are gone."""
        frame = None
        while frame is None and self.is_ready:
            frame = self._take_new(most, wanted) if len(self._memory) else self._take_old(most, wanted)
        self._changed.set()
        return frame

    def confirm(self, seq: int) -> None:
        """The frames up to `seq` are the server's now."""
        arrived = self._in_flight.confirm(seq)
        for frame in arrived:
            self._settle(frame)
        if sent := [frame.came for frame in arrived if frame.part is not None]:
            self._pace.answered(_now() - sent[0])

    def discard(self, seq: int) -> int:
        """Nobody will ever take the frame `seq`, and it alone. How many points went; 0 if it is not under way."""
        frame = self._in_flight.discard(seq)
        if frame is None:
            return 0
        self._settle(frame)
        return len(frame.points)

    def give_back(self) -> None:
        """The connection is lost: what was under way waits again, before the others of its lane and in order."""
        for frame in reversed(self._in_flight.give_up()):
            if frame.part is None:
                self._memory.put_back(Batch(frame.points, frame.came))
            else:
                self._backlog.put_back(frame.part)
        self._wake()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that a put, an answer, the disk or a lost connection brings about."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    def set_clock(self, time: datetime | None, asked: int) -> None:
        """The server's answer, see `Clock.told`; what has waited for it can be sent."""
        self.clock.told(time, asked)
        self._backlog.look_again()
        self._wake()

    async def run(self) -> None:
        """Until `close` is called; then all is on disk. Raises StoreError if it is not."""
        await self._keeper.run()
        await self._save()
        await self._backlog.close()

    def close(self) -> None:
        """Let `run` end."""
        self._keeper.close()

    def _take_new(self, most: int, wanted: Wanted) -> Frame | None:
        batch = self._memory.take(most)
        points = self._pick(batch.points, wanted)
        return self._in_flight.send(corrected(points, self.clock.first_offset), batch.came) if points else None

    def _take_old(self, most: int, wanted: Wanted) -> Frame | None:
        part = self._backlog.take(most)
        if part is None:
            return None
        points = self._pick(part.points, wanted)
        self._say_unwanted({point.source for point in part.points} - {point.source for point in points})
        if not points:
            self._backlog.settle(part)
            return None
        self._wake_for_backlog()
        return self._in_flight.send(points, _now(), part)

    def _pick(self, points: Sequence[Point], wanted: Wanted) -> list[Point]:
        picked = [point for point in points if wanted(point)]
        self.unwanted += len(points) - len(picked)
        return picked

    def _say_unwanted(self, sources: set[Source]) -> None:
        for key, pairs in groupby(sorted(sources - self._said), lambda source: source[0]):
            channels = ", ".join(channel for _, channel in pairs)
            name = self.names.get(key, key)
            log.warning("%s: values on disk are not sent, no event takes them any more: %s", name, channels)
        self._said |= sources

    def _settle(self, frame: Frame) -> None:
        if frame.part is not None:
            self._backlog.settle(frame.part)
            self._keeper.wake()
        self._changed.set()

    def _next_of_backlog(self) -> float:
        return self._backlog.next_take if self._in_flight.saved < self._pace.frames else math.inf

    def _limit_memory(self) -> None:
        self._memory.keep(max(0, self.limit - sum(len(frame.points) for frame in self._in_flight.unsaved)))

    def _wake(self) -> None:
        self._changed.set()
        self._keeper.wake()

    def _wake_for_backlog(self) -> None:
        if _now() < self._backlog.next_take < math.inf:
            asyncio.get_running_loop().call_at(self._backlog.next_take, self._changed.set)

    def _work_at(self) -> float:
        return min(self._save_at(), self._backlog.next_work)

    def _save_at(self) -> float:
        came = [frame.came for frame in self._in_flight.unsaved[:1]]
        oldest = min(came if self._memory.oldest is None else [*came, self._memory.oldest], default=math.inf)
        return oldest + WRITE_AT * self._flush_seconds

    async def _work(self) -> None:
        try:
            await (self._save() if self._save_at() <= _now() else self._backlog.work())
        finally:
            self._changed.set()
            self._wake_for_backlog()

    async def _save(self) -> None:
        self._writing = self._pack()
        try:
            if self._writing:
                await self._backlog.write(self._writing)
        except BaseException:
            self._unpack()
            raise
        finally:
            self._writing = []

    def _pack(self) -> list[Chunk]:
        """All that is unsaved: one chunk of what is under way, and of what waits as many as it takes."""
        sent = Chunk([], 0)
        for frame in self._in_flight.unsaved:
            frame.part = sent.add(frame.points)
        chunks = [sent] if sent.size else []
        while len(self._memory):
            batch = self._memory.take(CHUNK_POINTS)
            chunks.append(Chunk.all_waiting(batch.points, len(batch.points)))
        return chunks

    def _unpack(self) -> None:
        """They are not on disk."""
        for frame in self._in_flight:
            if frame.part is not None and frame.part.chunk in self._writing:
                frame.part = None
        for chunk in reversed(self._writing):
            for start, stop in reversed(chunk.pending):
                self._memory.put_back(Batch(Part(chunk, start, stop).points, _now()))
        self._limit_memory()


def _without_disk(clock: Clock) -> Backlog:
    return Backlog(Store(Path(":memory:"), 1 << 30, timedelta(days=1), clock), math.inf)


def _now() -> float:
    return asyncio.get_running_loop().time()
