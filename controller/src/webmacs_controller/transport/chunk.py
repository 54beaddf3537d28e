"""What is known of the points of one row: which of them wait, are under way, or are settled."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from webmacs_controller.measuring.point import Point


@dataclass(slots=True, eq=False)
class Chunk:
    """`number` is that of its row, 0 until it is on disk; `points` is None while they are nowhere else.

    `pending` are the places (from, to) that wait to be sent; `settled` is how many points will not be sent again.
    """

    points: Sequence[Point] | None
    size: int
    number: int = 0
    settled: int = 0
    pending: deque[tuple[int, int]] = field(default_factory=deque)

    @classmethod
    def all_waiting(cls, points: Sequence[Point] | None, size: int, number: int = 0) -> Self:
        """Nothing of it has been sent."""
        return cls(points, size, number, pending=deque([(0, size)]))

    @property
    def waiting(self) -> int:
        """How many points are pending."""
        return sum(stop - start for start, stop in self.pending)

    @property
    def is_settled(self) -> bool:
        """Whether its row can go."""
        return self.settled == self.size

    def add(self, points: Sequence[Point]) -> "Part":
        """More of them, which are under way."""
        start, self.size = self.size, self.size + len(points)
        self.points = [*(self.points or ()), *points]
        return Part(self, start, self.size)

    def take(self, most: int) -> "Part":
        """The first at most `most` that wait, in a row; they are under way now."""
        start, stop = self.pending.popleft()
        if stop - start > most:
            self.pending.appendleft((start + most, stop))
        return Part(self, start, min(stop, start + most))


@dataclass(frozen=True, slots=True)
class Part:
    """Points `start` to `stop` of a chunk."""

    chunk: Chunk
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many they are."""
        return self.stop - self.start

    @property
    def points(self) -> Sequence[Point]:
        """None if they are nowhere else than on disk."""
        return (self.chunk.points or ())[self.start : self.stop]

    def put_back(self) -> None:
        """They wait again, before the others that wait."""
        pending = self.chunk.pending
        stop = pending.popleft()[1] if pending and pending[0][0] == self.stop else self.stop
        pending.appendleft((self.start, stop))
