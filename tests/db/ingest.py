"""Points, and private.ingest called with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.postgres import Connection

START = datetime(2026, 1, 5, 12, tzinfo=UTC)

INGEST = (
    "select ordinal, reason from private.ingest(%s::int[], %s::int[], %s::smallint[], %s::timestamptz[], %s::float8[])"
)


def at(seconds: float) -> datetime:
    """An instant near the begin of all tests."""
    return START + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Point:
    """A measured value on its way in; `source` is a credential, None where the caller is trusted."""

    event: int | None
    value: float | None = 1.0
    ts: datetime | str | None = START
    quality: int | None = 192
    source: int | None = None


class Ingest:
    """Calls private.ingest over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __call__(self, *points: Point) -> dict[int, str]:
        """Send one batch. What was not stored, by its place from 1."""
        return dict(self.connection.execute(INGEST, columns(points)).fetchall())


def columns(points: Sequence[Point]) -> list[list[Any]]:
    """The arrays that private.ingest takes."""
    times = [None if point.ts is None else str(point.ts) for point in points]
    numbers = [[getattr(point, name) for point in points] for name in ("source", "event", "quality", "value")]
    return [*numbers[:3], times, numbers[3]]
