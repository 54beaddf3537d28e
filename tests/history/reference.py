"""Series, slow and plain: from all raw points, one bucket after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import fsum
from typing import Any

Json = dict[str, Any]
COLUMNS = ("t", "count", "min", "max", "mean", "first", "last", "first_t", "last_t", "quality", "bad")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Stored:
    """A point as it is stored."""

    ts: datetime
    value: float
    quality: int


def milliseconds(at: datetime) -> float:
    """Since 1970."""
    return (at - EPOCH) / timedelta(milliseconds=1)


def series(points: Sequence[Stored], origin: datetime, end: datetime, width: timedelta) -> Json:
    """The columns that rpc/series answers for one event; the range is widened to whole buckets."""
    columns: Json = {name: [] for name in COLUMNS}
    ordered = sorted(points)
    begin = origin
    while begin < end:
        inside = [point for point in ordered if begin <= point.ts < begin + width]
        if inside:
            usable = [point for point in inside if point.quality >= 64]
            values = [point.value for point in usable]
            bucket = {
                "t": milliseconds(begin),
                "count": len(inside),
                "min": min(values, default=None),
                "max": max(values, default=None),
                "mean": fsum(values) / len(values) if values else None,
                "first": values[0] if values else None,
                "last": values[-1] if values else None,
                "first_t": milliseconds(usable[0].ts) if usable else None,
                "last_t": milliseconds(usable[-1].ts) if usable else None,
                "quality": min(point.quality for point in inside),
                "bad": len(inside) - len(usable),
            }
            for name, value in bucket.items():
                columns[name].append(value)
        begin += width
    return columns
