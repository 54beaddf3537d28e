"""The largest numbers, which broken sensors say, stop neither rollups nor any answer."""

import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.history.history import NOW, History
from tests.support.sql import Sql

LARGEST = sys.float_info.max
VALUES = [LARGEST, LARGEST, -LARGEST, 1.0]


@pytest.fixture
def history(sql: Sql) -> Iterator[History]:
    """An event that says them."""
    history = History(sql)
    history.arrive([(9000 - second, value, 192) for second, value in enumerate(VALUES)])
    yield history
    sql.superuser.execute("delete from private.datapoints where event_id = %s", (history.event,))


@pytest.mark.parametrize(("rolled", "buckets"), [(False, 1000), (False, 1), (True, 10), (True, 1)])
def test_series(rolled: bool, buckets: int, history: History) -> None:
    if rolled:
        history.move(0)
        history.compute(None)
    answer = history.ask(NOW - timedelta(days=1), NOW, buckets)["series"][0]
    assert sum(answer["count"]) == len(VALUES)
    assert (min(answer["min"]), max(answer["max"])) == (-LARGEST, LARGEST)
    assert all(abs(mean) <= LARGEST for mean in answer["mean"])


def test_statistics(history: History, sql: Sql) -> None:
    row = sql.superuser.execute(
        "select api.statistics(%s, %s, %s, below => 0)", (history.event, NOW - timedelta(days=1), NOW)
    ).fetchone()
    assert row
    answer = row[0]
    assert (answer["min"], answer["max"], answer["seconds_below"]) == (-LARGEST, LARGEST, 1)
    assert answer["mean"] == pytest.approx(1e290 / 4)
    assert answer["standard_deviation"] > 1e139
    assert abs(answer["time_weighted_mean"]) < 1e290
