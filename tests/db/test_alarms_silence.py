"""Shelved and suppressed alarms: silent, for how long, and announced again."""

from typing import Any

import psycopg
import pytest

from tests.db.alarms import Alarms
from tests.support.people import People
from tests.support.sql import Sql

SHELVE = "select id, silenced_by from api.shelve_alarm(%s, now() + %s::interval, %s)"


def _shelve(sql: Sql, alarm: int, time: str = "1 hour", reason: str = "being mended") -> tuple[Any, ...] | None:
    return sql.as_role("operator").execute(SHELVE.encode(), (alarm, time, reason)).fetchone()


def _unshelve(sql: Sql, alarm: int) -> None:
    sql.as_role("operator").execute("select api.unshelve_alarm(%s)", (alarm,))


def _shelves(sql: Sql, rule: int) -> list[tuple[Any, ...]]:
    statement = b"select reason, shelved_by from api.alarm_shelves where rule_id = %s"
    return sql.as_role("viewer").execute(statement, (rule,)).fetchall()


def _run(sql: Sql, name: str, start: str = "0 seconds", stop: str | None = None) -> None:
    """An experiment of this name and kind, its begin and end from now."""
    sql.as_role("operator").execute(
        "insert into api.experiments (name, kind, started_at, stopped_at)"
        " values (%s, %s, now() + %s::interval, now() + %s::interval)",
        (name, name, start, stop),
    )


def test_shelving_says_who_why_and_until_when(alarms: Alarms, sql: Sql, people: People) -> None:
    alarm = alarms.fire(alarms.rule())
    operator = people.the("operator")
    assert _shelve(sql, alarm["id"]) == (alarm["id"], "shelved")
    assert _shelves(sql, alarm["rule_id"]) == [("being mended", operator.name)]
    line = alarms.journal(alarm["id"])[-1]
    assert (line["step"], line["actor"], line["user_id"], line["comment"], line["state"]) == (
        "shelved",
        operator.name,
        operator.id,
        "being mended",
        "active_unacknowledged",
    )
    assert line["shelved_until"] > line["happened_at"]


def test_a_shelved_alarm_lives_on_in_silence(alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule()
    first = alarms.fire(rule)["id"]
    _shelve(sql, first)
    alarms.acknowledge(first)
    assert (alarms.clear(rule)["state"], alarms.newest(rule)["silenced_by"]) == ("normal", None)
    second = alarms.fire(rule)
    assert (second["silenced_by"], second["id"] != first) == ("shelved", True)
    assert [line["silent"] for line in alarms.journal(second["id"])] == [True]
    assert [(line["step"], line["silent"]) for line in alarms.journal(first)][-1] == ("returned", True)


def test_a_shelf_ends_by_the_clock(alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule()
    alarm = alarms.fire(rule)["id"]
    _shelve(sql, alarm)
    alarms.tick("59 minutes")
    assert alarms.get(alarm)["silenced_by"] == "shelved"
    alarms.tick("61 minutes")
    assert alarms.get(alarm)["silenced_by"] is None
    assert _shelves(sql, rule) == []
    line = alarms.journal(alarm)[-1]
    assert (line["step"], line["actor"], line["state"]) == ("unshelved", "system", "active_unacknowledged")
    assert not alarms.fire(alarms.rule())["silenced_by"]


def test_a_shelf_is_ended_by_hand_once(alarms: Alarms, sql: Sql, people: People) -> None:
    alarm = alarms.fire(alarms.rule())["id"]
    _shelve(sql, alarm)
    waiting = alarms.get(alarm)["unacknowledged_since"]
    for _ in range(2):
        _unshelve(sql, alarm)
    assert alarms.steps(alarm) == ["raised", "shelved", "unshelved"]
    assert alarms.journal(alarm)[-1]["actor"] == people.the("operator").name
    assert alarms.get(alarm)["unacknowledged_since"] > waiting  # nobody need have seen it before


def test_shelving_again_changes_time_and_reason(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule())
    _shelve(sql, alarm["id"], "1 hour")
    _shelve(sql, alarm["id"], "2 hours", "no spare part")
    assert [reason for reason, _ in _shelves(sql, alarm["rule_id"])] == ["no spare part"]
    alarms.tick("90 minutes")
    assert alarms.get(alarm["id"])["silenced_by"] == "shelved"


def test_an_alarm_that_is_over_shelves_the_next(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.get(alarms.in_state("normal"))
    assert _shelve(sql, alarm["id"]) == (alarm["id"], None)
    assert alarms.steps(alarm["id"])[-1] == "shelved"
    assert alarms.fire(alarm["rule_id"])["silenced_by"] == "shelved"


def test_an_earlier_alarm_shelves_the_open_one(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.get(alarms.in_state("normal"))
    newer = alarms.fire(alarm["rule_id"])["id"]
    assert _shelve(sql, alarm["id"]) == (newer, "shelved")
    _unshelve(sql, alarm["id"])
    assert alarms.get(newer)["silenced_by"] is None


@pytest.mark.parametrize("time", ["0 seconds", "-1 hour", "30 days 1 minute", "infinity", None])
def test_a_time_that_is_none(time: str | None, alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule())["id"]
    statement = "select api.shelve_alarm(%s, now() + %s::interval, 'x')"
    if time == "infinity":
        statement = "select api.shelve_alarm(%s, %s::timestamptz, 'x')"
    with pytest.raises(psycopg.Error, match="until must be in the future") as refused:
        sql.as_role("operator").execute(statement.encode(), (alarm, time))
    assert refused.value.sqlstate == "PT400"


@pytest.mark.parametrize("reason", ["", " ", "x" * 1001])
def test_a_reason_that_is_none(reason: str, alarms: Alarms, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="reason must be 1 to 1000 characters"):
        _shelve(sql, alarms.fire(alarms.rule())["id"], reason=reason)


def test_no_reason(alarms: Alarms, sql: Sql) -> None:
    with pytest.raises(psycopg.Error, match="reason must be given") as refused:
        sql.as_role("operator").execute(SHELVE.encode(), (alarms.fire(alarms.rule())["id"], "1 hour", None))
    assert refused.value.sqlstate == "PT400"


@pytest.mark.parametrize("call", ["api.shelve_alarm(%s, now() + interval '1 hour', 'x')", "api.unshelve_alarm(%s)"])
def test_a_rule_that_was_deleted(call: str, alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule())
    sql.superuser.execute("delete from private.rules where id = %s", (alarm["rule_id"],))
    with pytest.raises(psycopg.Error, match="was deleted") as refused:
        sql.as_role("operator").execute(f"select {call}".encode(), (alarm["id"],))
    assert refused.value.sqlstate == "PT409"


def test_an_experiment_suppresses_while_it_runs(alarms: Alarms, sql: Sql) -> None:
    rule, other = alarms.rule(suppressed_by="burn-in"), alarms.rule(suppressed_by="cleaning")
    before, unmoved = alarms.fire(rule)["id"], alarms.fire(other)["id"]
    _run(sql, "burn-in")
    assert alarms.get(before)["silenced_by"] == "suppressed"
    alarms.acknowledge(before)
    alarms.clear(rule)
    during = alarms.fire(rule)
    assert during["silenced_by"] == "suppressed"
    sql.as_role("operator").execute("select api.stop_experiment(id) from api.experiments where name = 'burn-in'")
    assert alarms.newest(rule)["silenced_by"] is None
    assert alarms.steps(before) == ["raised", "suppressed", "acknowledged", "returned"]
    assert alarms.steps(during["id"]) == ["raised", "unsuppressed"]
    assert alarms.steps(unmoved) == ["raised"]
    assert alarms.journal(during["id"])[-1]["actor"] == "system"


def test_an_experiment_begins_and_ends_by_the_clock(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule(suppressed_by="planned"))["id"]
    _run(sql, "planned", "1 hour", "2 hours")
    for after, silenced_by in [("0 minutes", None), ("61 minutes", "suppressed"), ("121 minutes", None)]:
        alarms.tick(after)
        assert alarms.get(alarm)["silenced_by"] == silenced_by
    alarms.tick("122 minutes")
    assert alarms.steps(alarm) == ["raised", "suppressed", "unsuppressed"]


def test_an_experiment_that_is_changed_or_deleted(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule(suppressed_by="moved"))["id"]
    operator = sql.as_role("operator")
    _run(sql, "moved")
    for statement, silenced_by in [
        ("update api.experiments set kind = 'other' where name = 'moved'", None),
        ("update api.experiments set kind = 'moved' where name = 'moved'", "suppressed"),
        ("delete from api.experiments where name = 'moved'", None),
    ]:
        operator.execute(statement.encode())
        assert alarms.get(alarm)["silenced_by"] == silenced_by


def test_a_second_experiment_of_the_kind_keeps_it_silent(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule(suppressed_by="twice"))["id"]
    operator = sql.as_role("operator")
    for name in ("one", "two"):
        operator.execute("insert into api.experiments (name, kind) values (%s, 'twice')", (name,))
    operator.execute("delete from api.experiments where name = 'one'")
    assert alarms.get(alarm)["silenced_by"] == "suppressed"
    assert alarms.steps(alarm) == ["raised", "suppressed"]


def test_shelved_and_suppressed(alarms: Alarms, sql: Sql) -> None:
    """The shelf comes first; when it ends the experiment keeps the alarm silent."""
    alarm = alarms.fire(alarms.rule(suppressed_by="both"))["id"]
    _run(sql, "both")
    _shelve(sql, alarm)
    assert alarms.get(alarm)["silenced_by"] == "shelved"
    _unshelve(sql, alarm)
    assert alarms.get(alarm)["silenced_by"] == "suppressed"
    assert alarms.steps(alarm) == ["raised", "suppressed", "shelved", "unshelved", "suppressed"]
    sql.as_role("operator").execute("select api.stop_experiment(id) from api.experiments where name = 'both'")
    assert alarms.get(alarm)["silenced_by"] is None


def test_a_rule_that_was_deleted_is_no_longer_silent(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.fire(alarms.rule())
    _shelve(sql, alarm["id"])
    sql.superuser.execute("delete from private.rules where id = %s", (alarm["rule_id"],))
    alarms.tick()
    assert alarms.get(alarm["id"])["silenced_by"] is None


def test_a_quiet_tick_writes_nothing(alarms: Alarms, sql: Sql) -> None:
    alarms.tick()
    before = sql.superuser.execute("select max(id) from private.alarm_journal").fetchone()
    alarms.tick()
    assert sql.superuser.execute("select max(id) from private.alarm_journal").fetchone() == before
