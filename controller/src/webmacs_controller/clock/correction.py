"""UTC for what was measured before the clock was set."""

from collections.abc import Iterable
from datetime import timedelta

from webmacs_controller.clock.clock import MICROSECOND, SET_SINCE
from webmacs_controller.measuring.point import Point
from webmacs_controller.sdk.quality import Quality, is_good


def corrected(points: Iterable[Point], offset: int | None, *, guessed: bool = False) -> list[Point]:
    """`offset`, in microseconds, leads from the time since boot to UTC; where it is a guess no value is good."""
    shift = (offset or 0) * MICROSECOND
    return [point if point.timestamp >= SET_SINCE else _shifted(point, shift, guessed) for point in points]


def _shifted(point: Point, shift: timedelta, guessed: bool) -> Point:
    quality = Quality.CLOCK_NOT_SET if guessed and is_good(point.quality) else point.quality
    return point._replace(timestamp=point.timestamp + shift, quality=int(quality))
