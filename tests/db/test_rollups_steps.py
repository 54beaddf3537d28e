"""How rollups are moved on, beside whoever writes, and in steps of any length."""

import sys
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.db.ingest import Ingest, Point
from tests.db.plant import Plant
from tests.support.sql import Sql


def test_a_long_transaction_that_wrote_is_not_waited_for(sql: Sql, plant: Plant) -> None:
    """Moving on waits for all who write; those who want to write next must not wait behind it."""
    one, other = plant.event(), plant.event()
    idle = sql.as_login("postgres")
    now = datetime.now(UTC)
    with idle.transaction():
        Ingest(idle)(Point(one, ts=now))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            sql.as_login("webmacs_sidecar").execute("select private.move_rollups(%s)", (now + timedelta(days=1),))
        assert Ingest(sql.as_login("webmacs_sidecar"))(Point(other, ts=now)) == {}


def test_steps_of_an_hour_come_to_the_same(sql: Sql, plant: Plant) -> None:
    event = plant.event()
    begin = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    Ingest(sql.superuser)(*[Point(event, 1.0, begin + timedelta(minutes=minute)) for minute in range(300)])
    sql.superuser.execute(
        "truncate private.rollup_dirty, private.rollup_minutes, private.rollup_hours, private.rollup_days"
    )
    sql.superuser.execute("update private.settings set computed_to = '-infinity', rolled_to = '-infinity'")
    sql.superuser.execute("select private.move_rollups('2026-03-03T00:10Z')")
    while sql.superuser.execute("select private.compute_rollups('1 hour')").fetchone() == (True,):
        pass
    found = sql.superuser.execute(
        "select bucket, points from private.rollup_days where event_id = %s order by bucket", (event,)
    ).fetchall()
    assert found == [(datetime(2026, 3, 1, tzinfo=UTC), 90), (datetime(2026, 3, 2, tzinfo=UTC), 210)]


def test_values_at_the_edge_of_what_is_finite_stop_nothing(sql: Sql, plant: Plant) -> None:
    """Their sum is no number any more, and the hours of all other events must be rolled up all the same."""
    event, begin, most = plant.event(), datetime(2026, 4, 1, tzinfo=UTC), sys.float_info.max
    Ingest(sql.superuser)(*[Point(event, most, begin + timedelta(seconds=second)) for second in range(200)])
    series = "select api.series(array[%s], %s, %s, 1) -> 'series' -> 0 -> 'max'"
    asked = (event, begin, begin + timedelta(hours=1))
    assert sql.superuser.execute(series, asked).fetchone() == ([most],)
    sql.superuser.execute("select private.move_rollups('2026-04-03T00:10Z')")
    sql.superuser.execute("select private.compute_rollups('3650 days')")
    assert sql.superuser.execute(series, asked).fetchone() == ([most],)
    found = sql.superuser.execute("select sum, max from private.rollup_days where event_id = %s", (event,)).fetchone()
    assert found == (pytest.approx(200e290), most)


def test_values_next_to_nothing_stop_nothing(sql: Sql, plant: Plant) -> None:
    """PostgreSQL refuses to divide the smallest of all numbers by three."""
    event, begin = plant.event(), datetime(2026, 5, 1, tzinfo=UTC)
    Ingest(sql.superuser)(*[Point(event, 5e-324 * (n == 0), begin + timedelta(seconds=n)) for n in range(3)])
    for question in (
        "select api.series(array[%s], %s, %s, 1) #> '{series,0,mean,0}'",
        "select private.experiment_figures(array[%s], %s, %s) #> '{0,mean}'",
    ):
        asked = (event, begin, begin + timedelta(minutes=1))
        assert sql.superuser.execute(question.encode(), asked).fetchone() == (0,)
