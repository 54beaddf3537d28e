"""Experiments after retention: a kept one tells the same for ever, another says what it lost."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.db.retention import DAY, Past
from tests.support.database import Database

Json = dict[str, Any]


@pytest.fixture
def past(fresh_database: Database) -> Iterator[Past]:
    made = Past(fresh_database)
    yield made
    made.superuser.close()
    made.send.connection.close()


def _run(past: Past, keep: bool, begin: datetime, end: datetime) -> int:
    statement = "select id from api.start_experiment(%s, keep => %s, started_at => %s)"
    row = past.superuser.execute(statement.encode(), (f"keep {keep}", keep, begin)).fetchone()
    assert row
    past.superuser.execute("update private.experiments set stopped_at = %s where id = %s", (end, row[0]))
    return int(row[0])


def _figures(past: Past, experiment: int) -> tuple[bool, Json]:
    """Whether the summary is complete, and its first event."""
    summary: Json = past.one(f"select api.experiment_summary({experiment})")
    return summary["complete"], summary["events"][0]


def _drop_raw(past: Past) -> None:
    past.policy("raw", age_days=10)
    past.expire()
    past.drop()


def test_a_kept_one_stays_as_it_was(past: Past) -> None:
    begin = past.now - 50 * DAY + timedelta(hours=1, seconds=11)
    kept = _run(past, True, begin, begin + 5 * DAY)
    before = _figures(past, kept)
    _drop_raw(past)
    assert past.one("select upper(gone) from private.retention where unit = 'raw'") is not None
    assert _figures(past, kept) == before
    assert before[0] is True
    assert before[1]["count"] > 0


def test_another_says_that_it_is_not_complete(past: Past) -> None:
    begin = past.now - 50 * DAY + timedelta(hours=1, seconds=11)
    run = _run(past, False, begin, begin + 5 * DAY)
    _, before = _figures(past, run)
    _drop_raw(past)
    complete, after = _figures(past, run)
    assert complete is False
    assert 0 < after["count"] <= before["count"]


def test_whole_days_are_told_when_points_are_gone(past: Past) -> None:
    begin = past.now.replace(hour=0, minute=0, second=0, microsecond=0) - 50 * DAY
    run = _run(past, False, begin, begin + 5 * DAY)
    before = _figures(past, run)
    _drop_raw(past)
    assert _figures(past, run) == before
    assert before[0] is True


def test_whole_minutes_are_told_when_points_are_gone(past: Past) -> None:
    """Of hours with too few points to have minutes these are made before the points go."""
    begin = past.now.replace(hour=1, minute=7, second=0, microsecond=0) - 50 * DAY
    run = _run(past, False, begin, begin + timedelta(days=5, minutes=31))
    before = _figures(past, run)
    _drop_raw(past)
    assert past.one("select upper(gone) from private.retention where unit = 'raw'") is not None
    assert _figures(past, run) == before
    assert before[0] is True
