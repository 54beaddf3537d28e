"""What a series is made from: as fine as was asked for, unless a statement could not read as much in its time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from tests.db.plant import Plant
from tests.history.history import NOW
from tests.support.sql import Sql

HOUR = NOW.replace(minute=0, second=0)


@pytest.fixture
def event(sql: Sql) -> Iterator[int]:
    """An event."""
    yield Plant(sql.superuser).event()
    sql.superuser.execute("truncate private.rollup_hours")


def resolution(sql: Sql, events: list[int], begin: datetime, buckets: int) -> tuple[str, float]:
    """That of a series until NOW, and how wide its buckets are."""
    row = sql.superuser.execute(
        "select a ->> 'resolution', (a ->> 'width_seconds')::float8 from api.series(%s, %s, %s, %s) a",
        (events, begin, NOW, buckets),
    ).fetchone()
    assert row
    return row[0], row[1]


def rolled_up(sql: Sql, event: int, points: int) -> None:
    """An hour of so many points, as if they were there."""
    sql.superuser.execute("select private.make_rollup_partitions(%s, %s)", (HOUR, NOW))
    sql.superuser.execute(
        """
        insert into private.rollup_hours (event_id, worst_quality, has_minutes, bucket, points, sum, min, max, first,
                                          last, first_at, last_at)
        values (%(event)s, 192, true, %(hour)s, %(points)s, 0, 0, 0, 0, 0, %(hour)s, %(hour)s)
        """,
        {"event": event, "hour": HOUR - timedelta(hours=1), "points": points},
    )


@pytest.mark.parametrize(
    ("days", "buckets", "expected"),
    [
        (0.5, 1000, "raw"),
        (1, 1000, "minute"),
        (40, 1000, "minute"),
        (42, 1000, "hour"),
        (730, 1000, "hour"),
        (730, 700, "day"),
    ],
)
def test_as_fine_as_asked(days: float, buckets: int, expected: str, event: int, sql: Sql) -> None:
    found, width = resolution(sql, [event], NOW - timedelta(days=days), buckets)
    assert found == expected
    assert width % {"raw": 1e-6, "minute": 60, "hour": 3600, "day": 86400}[found] == pytest.approx(0, abs=1e-6)


def test_coarser_than_asked_where_points_are_too_many(event: int, sql: Sql) -> None:
    begin = HOUR - timedelta(hours=2)
    rolled_up(sql, event, 4_000_000)
    assert resolution(sql, [event], begin, 1000)[0] == "raw"
    sql.superuser.execute("update private.rollup_hours set points = 6000000")
    assert resolution(sql, [event], begin, 1000) == ("minute", 60)


def test_coarser_than_asked_where_minutes_are_too_many(event: int, sql: Sql) -> None:
    begin = NOW - timedelta(days=100)
    assert resolution(sql, [event], begin, 10_000)[0] == "minute"
    assert resolution(sql, [event] * 100, begin, 10_000) == ("hour", 3600)
