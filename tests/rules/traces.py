"""Traces as one can read them: a character an hour. Each stands for a level, which the operator makes a value.

^  the condition holds          _  it clearly does not
=  exactly at the threshold     o  exactly at the end of the deadband     -  inside the deadband
v  far out on the other side (for between and not_between: beyond the other limit)
b  bad quality, u uncertain; the condition would hold
.  no point
"""

from datetime import datetime, timedelta

from tests.db.ingest import START
from tests.rules.reference import Point

HOUR = 3600.0
LOW, HIGH, BAND = 10.0, 20.0, 2.0

# operator: value of each level, for the threshold LOW (to HIGH) and the deadband BAND
LEVELS: dict[str, dict[str, float]] = {
    "gt": {"^": 12.5, "=": 10, "-": 9, "o": 8, "_": 5, "v": -1000},
    "gte": {"^": 12.5, "=": 10, "-": 9, "o": 8, "_": 5, "v": -1000},
    "lt": {"^": 5, "=": 10, "-": 11, "o": 12, "_": 15, "v": 1000},
    "lte": {"^": 5, "=": 10, "-": 11, "o": 12, "_": 15, "v": 1000},
    "eq": {"^": 10, "=": 10 + 5e-10, "-": 11, "o": 12, "_": 15, "v": -1000},
    "between": {"^": 15, "=": 20, "-": 21, "o": 22, "_": 30, "v": 3},
    "not_between": {"^": 30, "=": 20, "-": 19, "o": 18, "_": 15, "v": 3},
}
QUALITIES = {"b": 0, "u": 64}


def hour(number: float) -> datetime:
    """The instant of this character of a trace."""
    return START + timedelta(hours=number)


def levels(trace: str, operator: str) -> list[Point]:
    """The points of a trace for a rule that watches the value."""
    return [_point(operator, place, letter) for place, letter in enumerate(trace) if letter != "."]


def _point(operator: str, place: int, letter: str) -> Point:
    quality = QUALITIES.get(letter, 192)
    level = "^" if letter in QUALITIES else letter
    return Point(hour(place), float(LEVELS[operator][level]), quality)


def slopes(trace: str, operator: str) -> list[Point]:
    """The points of a trace for a rule that watches the rate: each level is the slope of the hour that ends there."""
    points, value = [], 0.0
    for place, letter in enumerate(trace):
        level = _point(operator, place, "_" if letter == "." else letter)
        value += level.value * HOUR
        if letter != ".":
            points.append(Point(level.ts, value, level.quality))
    return points
