"""The newest reading of every channel."""

import time
from collections.abc import Callable, Iterable, Mapping

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

    def rename(self, names: Mapping[str, str]) -> None:
        """Instances have other names now, by those that they had."""
        moved = {
            (names[source[0]], source[1]): (point._replace(source=(names[source[0]], source[1])), at)
            for source, (point, at) in self._readings.items()
            if source[0] in names
        }
        self._readings = {key: value for key, value in self._readings.items() if key[0] not in names} | moved

    def get(self, source: Source, max_age: float) -> Point | None:
        """Its newest reading, unless that is older than `max_age` seconds or there is none."""
        point, measured_at = self._readings.get(source, (None, 0.0))
        return point if self._clock() - measured_at <= max_age else None
