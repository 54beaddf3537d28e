"""What is too old or too much goes, by whole partitions; what rollups say of it stays right."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.db.ingest import Point
from tests.db.retention import DAY, Past, refused
from tests.support.database import Database


@pytest.fixture
def past(fresh_database: Database) -> Iterator[Past]:
    made = Past(fresh_database)
    yield made
    made.superuser.close()
    made.send.connection.close()


def _sums(past: Past) -> list[list[object]]:
    """What the series says of everything, by days."""
    answer = past.series(past.now - 80 * DAY, past.now, 40)
    assert answer["resolution"] == "day"
    return [answer["series"][0][column] for column in ("t", "count", "min", "max", "last")]


def test_nothing_goes_by_itself(past: Past) -> None:
    assert past.expire(past.now + 3000 * DAY) == []


def test_raw_points_go_by_age_and_rollups_stay(past: Past) -> None:
    before = _sums(past)
    past.policy("raw", age_days=30)
    assert past.expire()
    past.drop()
    assert all(upper > past.now - 30 * DAY for _, upper in past.partitions())
    assert past.one("select min(ts) from private.datapoints") > past.now - 38 * DAY
    assert _sums(past) == before
    assert past.expire() == []
    assert past.one("select count(*) from private.log_entries where source = 'retention' and level = 'info'") == 1


def test_the_partition_that_is_partly_too_old_stays(past: Past) -> None:
    lower, upper = past.partitions()[0]
    age = (past.now - upper).days + 1
    past.policy("raw", age_days=age)
    assert past.expire() == []
    past.policy("raw", age_days=age - 1)
    assert len(past.expire()) == 1
    past.drop()
    assert past.partitions()[0][0] == upper
    assert lower < upper


def test_raw_points_go_by_budget_the_oldest_first(past: Past) -> None:
    for _ in range(4):  # more than a megabyte
        past.superuser.execute(
            "insert into private.datapoints select event_id, quality, ts + random() * interval '9 minutes', value"
            " from private.datapoints where ts < %s on conflict do nothing",
            (past.now - 20 * DAY,),
        )
    size = "select sum(bytes)::bigint from private.history_partitions() where unit = 'raw'"
    budget = past.one(size) - 1_000_000
    before = past.partitions()
    past.policy("raw", budget_bytes=budget)
    assert past.expire()
    past.drop()
    after = past.partitions()
    assert after == before[-len(after) :]
    assert past.one(size) <= budget


def test_slow_events_keep_their_minutes(past: Past) -> None:
    """Few points an hour have no minutes while the raw points are there; these are made before those go."""
    assert past.one("select count(*) from private.rollup_minutes") == 0
    begin, end = past.now - 65 * DAY, past.now - 64 * DAY
    before = past.series(begin, end, 1440)
    assert before["resolution"] == "minute"
    past.policy("raw", age_days=30)
    past.expire()
    past.drop()
    assert past.series(begin, end, 1440) == before
    assert past.series(begin, end, 10_000)["resolution"] == "minute"


def test_a_series_takes_what_is_still_there(past: Past) -> None:
    past.policy("raw", age_days=10)
    past.policy("minute", age_days=20)
    past.expire()
    past.drop()
    assert past.expire() == []
    past.drop()
    old, recent = past.now - 65 * DAY, past.now - DAY
    answers = [past.series(begin, begin + DAY / 2, 10_000)["resolution"] for begin in (old, recent)]
    assert answers == ["hour", "raw"]
    everything = past.series(old, past.now, 10_000)
    assert everything["resolution"] == "hour"
    assert sum(everything["series"][0]["count"]) == pytest.approx(65 * 144, abs=10)


def test_what_is_coarser_stays_while_what_is_finer_is_there(past: Past) -> None:
    past.policy("raw", budget_bytes=1_000_000_000_000)
    past.policy("minute", age_days=1)
    assert past.expire() == []


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("age_days = 0 where unit = 'raw'", 'constraint "age_days must be from 1 to 36500, or null"'),
        ("budget_bytes = 5 where unit = 'raw'", 'constraint "budget_bytes must be at least 1000000, or null"'),
        ("age_days = 9 where unit = 'hour'", "age_days of hour must not be less than age_days of raw."),
        ("age_days = 9 where unit = 'day'", "age_days of day must not be less than age_days of raw."),
    ],
)
def test_a_policy_that_makes_no_sense(statement: str, message: str, past: Past) -> None:
    past.policy("raw", age_days=10)
    assert message in refused(past.superuser, f"update private.retention set {statement}")


def test_what_a_kept_experiment_covers_stays(past: Past) -> None:
    begin = past.now - 50 * DAY
    before = past.series(begin, begin + DAY, 10_000)
    past.keep(begin, begin + DAY)
    past.policy("raw", age_days=10)
    past.expire()
    past.drop()
    assert [lower for lower, upper in past.partitions() if upper < past.now - 10 * DAY] == [
        lower for lower, upper in past.partitions() if lower < begin + DAY and upper > begin
    ]
    assert past.series(begin, begin + DAY, 10_000) == before
    assert before["resolution"] == "raw"
    assert past.measure(begin + timedelta(seconds=7), count=3) == {}


def test_a_kept_experiment_goes_before_the_budget_with_one_warning(past: Past) -> None:
    for _ in range(4):
        past.superuser.execute(
            "insert into private.datapoints select event_id, quality, ts + random() * interval '9 minutes', value"
            " from private.datapoints on conflict do nothing"
        )
    past.keep(past.now - 100 * DAY, None)
    past.policy("raw", budget_bytes=1_000_000)
    assert past.expire() == []
    assert past.expire() == []
    warnings = past.superuser.execute(
        "select message from private.log_entries where source = 'retention' and level = 'warning'"
    ).fetchall()
    assert len(warnings) == 1
    assert "History of raw takes" in warnings[0][0]
    past.superuser.execute("update private.experiments set keep = false")
    assert past.expire()
    assert past.one("select over_budget from private.retention where unit = 'raw'") in (True, False)


def test_points_of_what_was_dropped_are_refused(past: Past) -> None:
    past.policy("raw", age_days=30)
    past.expire()
    before = _sums(past)
    late = past.now - 60 * DAY
    assert past.send(Point(past.event, 0.5, late), Point(past.event, 0.5, past.now + DAY / 500)) == {
        1: "out_of_horizon"
    }
    past.drop()
    assert past.send(Point(past.event, 0.5, late)) == {1: "out_of_horizon"}
    assert past.one("select count(*) from private.rollup_dirty where hour < %s", late + DAY) == 0
    past.roll_up()
    assert _sums(past)[1][:-1] == before[1][:-1]


def test_what_came_late_stays_until_it_is_rolled_up_and_a_day_longer(past: Past) -> None:
    past.policy("raw", age_days=30)
    lower, upper = past.partitions()[0]
    assert past.measure(lower + 6 * DAY + timedelta(seconds=5), count=5) == {}
    assert past.expire()  # but not this one
    past.drop()
    assert past.partitions()[0] == (lower, upper)
    past.roll_up()
    assert past.expire() == []  # more may be on its way, for a day
    assert len(past.expire(datetime.now(UTC) + 2 * DAY)) >= 1
    past.drop()
    assert past.partitions()[0][0] > upper


def test_an_import_of_old_values_leaves_rollups(past: Past) -> None:
    """What is older than the policy, of times that never had a partition."""
    past.policy("raw", age_days=30)
    past.expire()
    past.drop()
    begin = past.now - 400 * DAY
    assert past.measure(begin) == {}
    past.roll_up()
    assert past.expire(past.now + DAY / 2) == []
    past.expire(datetime.now(UTC) + 2 * DAY)
    past.drop()
    assert past.one("select count(*) from private.datapoints where ts < %s", begin + DAY) == 0
    assert sum(past.series(begin, begin + DAY, 24)["series"][0]["count"]) == 144


def test_removing_values_of_which_only_rollups_are_there(past: Past) -> None:
    past.policy("raw", age_days=30)
    past.expire()
    past.drop()
    begin = (past.now - 60 * DAY).replace(hour=3, minute=0, second=0, microsecond=0)
    count = "select sum(points)::int from private.{} where bucket >= %s and bucket < %s"
    past.superuser.execute(
        "select api.delete_datapoints(%s, %s, %s)",
        (past.event, begin - timedelta(minutes=30), begin + timedelta(hours=2)),
    )
    day = begin.replace(hour=0)
    assert past.one(count.format("rollup_hours"), begin - timedelta(hours=1), begin + timedelta(hours=2)) == 6
    assert past.one(count.format("rollup_days"), day, day + DAY) == 144 - 12
    assert past.one("select count(*) from private.rollup_dirty") == 0


def test_statistics_say_that_raw_values_are_gone(past: Past) -> None:
    past.policy("raw", age_days=30)
    past.expire()
    statement = f"select api.statistics({past.event}, now() - interval '69 days')"
    assert refused(past.superuser, statement) == 'Raw values between "from" and "to" were dropped by retention.'
