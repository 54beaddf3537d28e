"""Points that the server has not acknowledged yet, in the order of measuring, in memory."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from webmacs_controller.clock.clock import Clock
from webmacs_controller.measuring.point import Point

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Frame:
    """Points that have been sent together under the number `seq`."""

    seq: int
    points: list[Point]


class Buffer:
    """put, take a frame, confirm or discard. Holds at most `limit` points: the oldest that is not under way goes first.

    `dropped` counts what went for want of room, `unwanted` what no event of the server stands for.
    """

    def __init__(self, limit: int, clock: Clock | None = None) -> None:
        self.limit = limit
        self.clock = clock or Clock()
        self.dropped = 0
        self.unwanted = 0
        self._changed = asyncio.Event()
        self._waiting: deque[Point] = deque()
        self._in_flight: deque[Frame] = deque()
        self._in_flight_points = 0
        self._seq = 0
        self._overflowing = False

    def __len__(self) -> int:
        return len(self._waiting) + self._in_flight_points

    @property
    def waiting(self) -> int:
        """Points that are not under way."""
        return len(self._waiting)

    @property
    def in_flight(self) -> int:
        """Frames that are under way."""
        return len(self._in_flight)

    @property
    def oldest(self) -> int | None:
        """Number of the frame that has been under way for longest."""
        return self._in_flight[0].seq if self._in_flight else None

    def put(self, points: Iterable[Point]) -> None:
        """Keep `points`."""
        self._waiting.extend(points)
        self._drop(min(len(self) - self.limit, len(self._waiting)))
        self._changed.set()

    def take(self, most: int, wanted: Callable[[Point], bool]) -> Frame | None:
        """The next at most `most` points that are wanted, now under way; the others before them are gone."""
        points: list[Point] = []
        while self._waiting and len(points) < most:
            point = self._waiting.popleft()
            if wanted(point):
                points.append(point._replace(timestamp=self.clock.corrected(point.timestamp)))
            else:
                self.unwanted += 1
        self._changed.set()
        return self._send(points) if points else None

    def confirm(self, seq: int) -> None:
        """The frames up to `seq` are the server's now."""
        while self._in_flight and self._in_flight[0].seq <= seq:
            self._let_go(self._in_flight.popleft())
        self._changed.set()

    def discard(self, seq: int) -> int:
        """Nobody will ever take the frame `seq`, and it alone. How many points went; 0 if it is not under way."""
        frame = next((frame for frame in self._in_flight if frame.seq == seq), None)
        if frame is None:
            return 0
        self._in_flight.remove(frame)
        self._let_go(frame)
        self._changed.set()
        return len(frame.points)

    def give_back(self) -> None:
        """The connection is lost: what was under way waits again, at the front and in order."""
        for frame in reversed(self._in_flight):
            self._waiting.extendleft(reversed(frame.points))
        self._in_flight.clear()
        self._in_flight_points = 0
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that a put, an answer or a lost connection brings about."""
        while not condition():
            self._changed.clear()
            await self._changed.wait()

    def _drop(self, count: int) -> None:
        if count <= 0:
            return
        if not self._overflowing:
            log.warning("the buffer is full: of %d points the oldest are dropped", self.limit)
            self._overflowing = True
        for _ in range(count):
            self._waiting.popleft()
        self.dropped += count

    def _let_go(self, frame: Frame) -> None:
        self._in_flight_points -= len(frame.points)
        if self._overflowing:
            log.warning("the buffer has room again; %d points have been dropped since the start", self.dropped)
            self._overflowing = False

    def _send(self, points: list[Point]) -> Frame:
        self._seq += 1
        frame = Frame(self._seq, points)
        self._in_flight.append(frame)
        self._in_flight_points += len(points)
        return frame
