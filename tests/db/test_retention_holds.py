"""What holds retention up, for how long, and who learns of it."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from tests.db.retention import DAY, Past
from tests.support.database import Database
from tests.support.postgres import Connection

WARNINGS = "select array_agg(message order by id) from private.log_entries where level = 'warning'"


@pytest.fixture
def past(fresh_database: Database) -> Iterator[Past]:
    made = Past(fresh_database)
    yield made
    made.superuser.close()
    made.send.connection.close()


def test_upkeep_does_not_make_again_what_went(past: Past) -> None:
    """A policy shorter than a partition: the last week goes, too."""
    past.policy("raw", age_days=1)
    assert past.expire()
    past.drop()
    assert past.expire() == []
    before = past.partitions()
    past.superuser.execute("update private.settings set covered_to = now()")
    assert past.one("select private.keep_partitions()") == 0
    assert past.partitions() == before
    assert past.expire() == []


def test_a_controller_whose_clock_is_wrong_holds_only_the_days_that_it_sends(past: Past) -> None:
    """It sends old points all the time: these days are never finished, and never quiet."""
    past.policy("raw", age_days=30)
    old = past.now - 800 * DAY
    assert past.measure(old, count=3) == {}
    past.roll_up()
    assert past.measure(old + timedelta(seconds=5), count=3) == {}
    assert past.expire()
    past.drop()
    assert [lower for lower, upper in past.partitions() if upper < past.now - 30 * DAY] == [past.partitions()[0][0]]
    assert past.partitions()[0][0] <= old < past.partitions()[0][1]


def test_the_budget_holds_although_old_points_come(past: Past) -> None:
    past.superuser.execute(
        "insert into private.datapoints select event_id, quality, ts + n * interval '1 minute', value"
        " from private.datapoints, generate_series(1, 8) n where ts < %s",
        (past.now - 20 * DAY,),
    )
    past.policy("raw", budget_bytes=1_000_000)
    assert past.measure(past.now - 800 * DAY, count=3) == {}
    assert past.expire()


def _late_keep(past: Past) -> Connection:
    """An operator who is just deciding that all is kept."""
    operator = past.database.connect()
    operator.execute("begin")
    operator.execute("insert into private.experiments (name, started_at, keep) values ('late', %s, true)", (past.now,))
    operator.execute("update private.experiments set started_at = %s", (past.now - 90 * DAY,))
    return operator


def test_whoever_is_just_keeping_an_experiment_is_waited_for(past: Past) -> None:
    past.policy("raw", age_days=30)
    with _late_keep(past) as operator:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            past.expire()
        operator.execute("commit")
        assert past.expire() == []


def test_what_was_gone_before_it_was_kept_is_said_once(past: Past) -> None:
    past.policy("raw", age_days=30)
    past.expire()
    past.keep(past.now - 5 * DAY, past.now)
    assert past.one(WARNINGS) is None
    past.keep(past.now - 60 * DAY, past.now - 50 * DAY)
    [said] = past.one(WARNINGS)
    assert "is to be kept, but retention had dropped raw values from " in said
    past.superuser.execute("update private.experiments set stopped_at = stopped_at + interval '1 hour', keep = true")
    past.superuser.execute("update private.experiments set name = name || '!'")
    assert len(past.one(WARNINGS)) == 2  # the hour is new, the name is not


def test_what_is_read_for_long_is_said_once_and_who_reads(past: Past) -> None:
    past.policy("raw", age_days=30)
    names = past.expire()
    with past.database.connect() as reader:
        reader.execute("set application_name = 'a long export'")
        reader.execute("begin")
        reader.execute("select count(*) from private.datapoints")
        assert past.expire() == []
        assert past.one(WARNINGS) is None
        past.superuser.execute("update private.expired_partitions set decided_at = now() - interval '2 hours'")
        past.expire()
        past.expire()
        [said] = past.one(WARNINGS)
        assert all(name in said for name in names)
        assert f"They are read by process {reader.info.backend_pid} (postgres, a long export)." in said
        reader.execute("rollback")


def test_what_nobody_reads_and_yet_cannot_go_is_said(past: Past) -> None:
    past.policy("raw", age_days=30)
    past.expire()
    past.superuser.execute("update private.expired_partitions set decided_at = now() - interval '2 hours'")
    past.expire()
    [said] = past.one(WARNINGS)
    assert "`webmacs maintain` tries at once, and says why." in said


def test_a_budget_is_warned_of_anew_after_it_was_kept_again(past: Past) -> None:
    past.superuser.execute(
        "insert into private.datapoints select event_id, quality, ts + n * interval '1 minute', value"
        " from private.datapoints, generate_series(1, 9) n"
    )
    past.superuser.execute(
        "insert into private.experiments (name, started_at, keep) values ('long run', %s, true)", (past.now - 90 * DAY,)
    )
    said = []
    for budget in (1_000_000, 1_000_000, None, 1_000_000):
        past.policy("raw", budget_bytes=budget)
        assert past.expire() == []
        said.append(len(past.one(WARNINGS)))
    assert said == [1, 1, 1, 2]
    assert "kept experiments (long run)" in past.one(WARNINGS)[0]
