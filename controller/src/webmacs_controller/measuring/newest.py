"""The newest reading of every channel."""

import time
from collections.abc import Callable, Iterable

from webmacs_controller.measuring.point import Point, Source


class Newest:
    """Ages are counted by the monotonic clock: the clock of the day may be set at any time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._readings: dict[Source, tuple[Point, float]] = {}

    def put(self, points: Iterable[Point]) -> None:
        """They have been measured just now."""
        now = self._clock()
        self._readings.update({point.source: (point, now) for point in points})

    def get(self, source: Source, max_age: float) -> Point | None:
        """Its newest reading, unless that is older than `max_age` seconds or there is none."""
        point, measured_at = self._readings.get(source, (None, 0.0))
        return point if self._clock() - measured_at <= max_age else None
