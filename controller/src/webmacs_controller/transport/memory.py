"""The lane of points that have just been measured: in memory, oldest first."""

import logging
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from webmacs_controller.measuring.point import Point

log = logging.getLogger(__name__)


class Batch(NamedTuple):
    """Points in a row, of which the first came when the event loop's clock showed `came`."""

    points: Sequence[Point]
    came: float


class Memory:
    """put, take, put back. What is too much goes, the oldest first, counted in `dropped`."""

    def __init__(self) -> None:
        self.dropped = 0
        self._batches: deque[Batch] = deque()
        self._points = 0
        self._overflowing = False

    def __len__(self) -> int:
        return self._points

    @property
    def oldest(self) -> float | None:
        """When the first of them came."""
        return self._batches[0].came if self._batches else None

    def put(self, batch: Batch) -> None:
        """Behind all others."""
        if batch.points:
            self._batches.append(batch)
            self._points += len(batch.points)

    def put_back(self, batch: Batch) -> None:
        """Before all others."""
        if batch.points:
            self._batches.appendleft(batch)
            self._points += len(batch.points)

    def take(self, most: int) -> Batch:
        """The first at most `most` points of at least one."""
        taken: list[Point] = []
        came = self._batches[0].came
        while self._batches and len(taken) < most:
            batch = self._batches.popleft()
            room = most - len(taken)
            taken += batch.points[:room]
            if len(batch.points) > room:
                self._batches.appendleft(Batch(batch.points[room:], batch.came))
        self._points -= len(taken)
        return Batch(taken, came)

    def keep(self, most: int) -> None:
        """Drop what is more than `most` points."""
        excess = len(self) - most
        if excess > 0:
            self.take(excess)
            self.dropped += excess
        if excess > 0 and not self._overflowing:
            log.warning("more than %d points are waiting in memory: the oldest are dropped", most)
            self._overflowing = True
        elif self._overflowing and len(self) <= most // 2:
            log.warning("there is room in memory again; %d points have been dropped since the start", self.dropped)
            self._overflowing = False
