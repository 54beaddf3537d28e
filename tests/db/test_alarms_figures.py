"""The figures of an alarm engineer, from numbers that are known."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.db.alarms import Alarms
from tests.support.sql import Sql

# a whole hour of yesterday
HOUR = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=24)


def _raise(sql: Sql, rule: int, *seconds: float, since: datetime = HOUR) -> None:
    """The rule fires, and clears at once, so many seconds after an instant."""
    times = [since + timedelta(seconds=second) for second in seconds for _ in range(2)]
    names = ["fired", "cleared"] * len(seconds)
    sql.superuser.execute(
        "select private.rule_alarms(%s::int[], %s::text[], %s::timestamptz[], %s::float8[], %s::text[])",
        ([rule] * len(times), names, times, [1.0] * len(times), names),
    )


def _one(sql: Sql, statement: str, *parameters: object) -> tuple[Any, ...] | None:
    return sql.as_role("viewer").execute(statement.encode(), parameters).fetchone()


def _acknowledge(sql: Sql, alarms: Alarms, rule: int, waited: float) -> None:
    """Somebody acknowledges an alarm of the rule so many seconds after it could be seen."""
    alarm = alarms.fire(rule)["id"]
    alarms.acknowledge(alarm)
    sql.superuser.execute(
        "update private.alarm_journal set waited_seconds = %s where alarm_id = %s and step = 'acknowledged'",
        (waited, alarm),
    )
    alarms.clear(rule)


def test_alarms_per_hour(alarms: Alarms, sql: Sql) -> None:
    rule, shelved = alarms.rule(), alarms.rule()
    _raise(sql, shelved, -3600)
    alarm = alarms.newest(shelved)["id"]
    sql.superuser.execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'x')", (alarm,))
    _raise(sql, rule, 0, 1, 3599.999999, 3600, 3601)
    _raise(sql, shelved, 10, 11)
    hours = sql.as_role("viewer").execute(
        "select hour, announced, silent from api.alarms_per_hour where hour >= %s order by hour",
        (HOUR - timedelta(hours=1),),
    )
    assert hours.fetchall() == [
        (HOUR - timedelta(hours=1), 1, 0),
        (HOUR, 3, 2),
        (HOUR + timedelta(hours=1), 2, 0),
    ]


def test_the_most_frequent(alarms: Alarms, sql: Sql) -> None:
    rules = [alarms.rule("high") for _ in range(12)]
    for number, rule in enumerate(rules):
        _raise(sql, rule, *(second * 100 for second in range(10 + number)))
    _raise(sql, rules[0], *range(100), since=HOUR - timedelta(days=40))  # too long ago
    sql.superuser.execute("update private.rules set name = 'a better name' where id = %s", (rules[-1],))
    rows = sql.as_role("viewer").execute("select rule_id, raised, share from api.most_frequent_alarms").fetchall()
    assert [(rule, raised) for rule, raised, _ in rows] == [(rules[n], 10 + n) for n in range(11, 1, -1)]
    total = sql.superuser.execute("select count(*) from private.recent_raises where not silent").fetchone()
    assert total is not None
    assert [share for _, _, share in rows] == pytest.approx([(10 + n) / total[0] for n in range(11, 1, -1)])
    assert _one(sql, "select name from api.most_frequent_alarms limit 1") == ("a better name",)


@pytest.mark.parametrize(("hours", "stale"), [(23.9, False), (24.1, True)])
def test_standing_and_stale(hours: float, stale: bool, alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule("critical")
    times = [datetime.now(UTC) - timedelta(hours=hours)]
    sql.superuser.execute("select private.rule_alarms(%s, '{fired}', %s, '{1}', '{x}')", ([rule], times))
    alarms.acknowledge(alarms.newest(rule)["id"])
    statement = "select active_since, stale, active_seconds from api.standing_alarms where rule_id = %s"
    row = _one(sql, statement, rule)
    assert row is not None
    assert row[:2] == (times[0], stale)
    assert row[2] == pytest.approx(hours * 3600, abs=60)
    alarms.clear(rule)
    assert _one(sql, statement, rule) is None


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([0, 30, 60], (1, 3)),
        ([0, 30, 60.001], None),
        ([0, 1], None),
        ([0, 1, 2, 3], (2, 4)),
        ([0, 20, 40, 300, 320, 340], (2, 3)),
        ([0, 50, 100, 150], None),
    ],
)
def test_chattering(seconds: list[float], expected: tuple[int, int] | None, alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule()
    _raise(sql, rule, *seconds)
    statement = "select chatters, most_in_a_minute, last_chattered_at from api.chattering_alarms where rule_id = %s"
    row = _one(sql, statement, rule)
    assert (row and row[:2]) == expected
    if row is not None:
        assert row[2] == HOUR + timedelta(seconds=seconds[-1])


def test_two_rules_do_not_chatter_together(alarms: Alarms, sql: Sql) -> None:
    rules = [alarms.rule() for _ in range(3)]
    for rule in rules:
        _raise(sql, rule, 7)
    rows = sql.superuser.execute("select from api.chattering_alarms where rule_id = any(%s)", (rules,)).fetchall()
    assert rows == []


def test_time_to_acknowledge(alarms: Alarms, sql: Sql) -> None:
    sql.superuser.execute("delete from private.alarms")
    one, other = alarms.rule("critical"), alarms.rule("critical")
    for waited in (10, 20, 30, 40):
        _acknowledge(sql, alarms, one, waited)
    _acknowledge(sql, alarms, other, 100)
    rows = sql.as_role("viewer").execute(
        "select rule_id, acknowledged, median_seconds, p95_seconds from api.alarm_response"
        " where severity = 'critical' order by rule_id nulls first"
    )
    assert rows.fetchall() == [
        (None, 5, pytest.approx(30), pytest.approx(88)),
        (one, 4, pytest.approx(25), pytest.approx(38.5)),
        (other, 1, pytest.approx(100), pytest.approx(100)),
    ]


def test_an_alarm_that_returned_meanwhile_waits_since_it_was_first_seen(alarms: Alarms) -> None:
    rule = alarms.rule()
    since = alarms.fire(rule)["unacknowledged_since"]
    alarms.clear(rule)
    assert alarms.fire(rule)["unacknowledged_since"] == since
    alarms.acknowledge(alarms.newest(rule)["id"])
    alarms.clear(rule)
    assert alarms.fire(rule)["unacknowledged_since"] > since


def test_what_is_shelved_or_suppressed_waits_no_less_long(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule())
    sql.as_role("operator").execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'x')", (alarm["id"],))
    assert alarms.get(alarm["id"])["unacknowledged_since"] == alarm["unacknowledged_since"]
    sql.as_role("operator").execute("select api.unshelve_alarm(%s)", (alarm["id"],))
    assert alarms.get(alarm["id"])["unacknowledged_since"] > alarm["unacknowledged_since"]


def test_counts_for_a_badge(alarms: Alarms, sql: Sql) -> None:
    sql.superuser.execute("delete from private.alarms")
    for severity, states in {
        "critical": ["active_unacknowledged", "active_unacknowledged", "active_acknowledged", "normal"],
        "low": ["returned_unacknowledged", "latched_acknowledged", "shelved"],
    }.items():
        for state in states:
            alarm = alarms.in_state("active_unacknowledged" if state == "shelved" else state)
            sql.superuser.execute("update private.alarms set severity = %s where id = %s", (severity, alarm))
            if state == "shelved":
                sql.superuser.execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'x')", (alarm,))
    rows = sql.as_role("viewer").execute("select * from api.alarm_counts order by priority").fetchall()
    assert rows == [
        ("critical", 1, 2, 2, 3, 0),
        ("high", 2, 0, 0, 0, 0),
        ("medium", 3, 0, 0, 0, 0),
        ("low", 4, 0, 1, 2, 1),
    ]
