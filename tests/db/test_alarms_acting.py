"""What people do with alarms: acknowledge and reset, and who may."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.db.alarms import Alarms
from tests.support.people import People
from tests.support.sql import Sql

ACKNOWLEDGE = b"select id, state from api.acknowledge_alarm(%s::bigint[], %s)"


def test_many_at_once(alarms: Alarms, sql: Sql) -> None:
    states = ["active_unacknowledged", "returned_unacknowledged", "latched_unacknowledged", "active_acknowledged"]
    ids = [alarms.in_state(state) for state in states]
    unseen = alarms.in_state("active_unacknowledged")
    rows = sql.as_role("operator").execute(ACKNOWLEDGE, (ids, "all that are shown")).fetchall()
    outcomes = ["active_acknowledged", "normal", "latched_acknowledged", "active_acknowledged"]
    assert rows == list(zip(ids, outcomes, strict=True))
    assert alarms.get(unseen)["state"] == "active_unacknowledged"
    assert [alarms.journal(alarm)[-1]["comment"] for alarm in ids[:3]] == ["all that are shown"] * 3


def test_once_is_enough(alarms: Alarms, sql: Sql, people: People) -> None:
    alarm = alarms.in_state("active_unacknowledged")
    alarms.acknowledge(alarm)
    before = alarms.get(alarm)
    rows = sql.as_role("admin").execute(ACKNOWLEDGE, ([alarm, alarm], None)).fetchall()
    assert rows == [(alarm, "active_acknowledged")]
    assert alarms.get(alarm) == before
    assert alarms.steps(alarm) == ["raised", "acknowledged"]


def test_none(sql: Sql) -> None:
    assert sql.as_role("operator").execute(ACKNOWLEDGE, ([], None)).fetchall() == []


@pytest.mark.parametrize(
    ("ids", "comment", "sqlstate", "message"),
    [
        ([999999], None, "PT404", "There is no alarm 999999."),
        ([None], None, "PT404", "There is no alarm null."),
        (None, None, "PT400", "alarm_ids must be an array"),
        ("open", "x" * 1001, "23514", "comment must be 1 to 1000 characters"),
        ("open", " ", "23514", "comment must be 1 to 1000 characters"),
    ],
)
def test_what_is_refused(ids: Any, comment: str | None, sqlstate: str, message: str, alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.in_state("active_unacknowledged")
    named = [alarm] if ids == "open" else ids and [alarm, *ids]
    with pytest.raises(psycopg.Error, match=message) as refused:
        sql.as_role("operator").execute(ACKNOWLEDGE, (named, comment))
    assert refused.value.sqlstate == sqlstate
    assert alarms.steps(alarm) == ["raised"]


@pytest.mark.parametrize("comment", [None, "", "x" * 1000])
def test_a_comment_is_optional(comment: str | None, alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.in_state("active_unacknowledged")
    sql.as_role("operator").execute(ACKNOWLEDGE, ([alarm], comment))
    assert alarms.journal(alarm)[-1]["comment"] == (comment or None)


def test_the_login_of_psql_is_named(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.in_state("active_unacknowledged")
    sql.superuser.execute(ACKNOWLEDGE, ([alarm], None))
    assert (alarms.journal(alarm)[-1]["actor"], alarms.journal(alarm)[-1]["user_id"]) == ("postgres", None)


CALLS = {
    "acknowledge_alarm": "select api.acknowledge_alarm(array[%s]::bigint[])",
    "reset_alarm": "select api.reset_alarm(%s)",
    "shelve_alarm": "select api.shelve_alarm(%s, now() + interval '1 hour', 'being mended')",
    "unshelve_alarm": "select api.unshelve_alarm(%s)",
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("role", ["operator", "admin"])
def test_who_may(role: str, call: str, alarms: Alarms, sql: Sql) -> None:
    sql.as_role(role).execute(CALLS[call].encode(), (alarms.in_state("latched_acknowledged"),))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("role", ["viewer", "controller"])
def test_who_may_not(role: str, call: str, alarms: Alarms, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_role(role).execute(CALLS[call].encode(), (alarms.in_state("latched_acknowledged"),))


@pytest.mark.parametrize("call", CALLS)
def test_an_alarm_that_is_not_there(call: str, sql: Sql) -> None:
    with pytest.raises(psycopg.Error, match="There is no alarm 999999") as refused:
        sql.as_role("operator").execute(CALLS[call].encode(), (999999,))
    assert refused.value.sqlstate == "PT404"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("active_unacknowledged", "is active"),
        ("active_acknowledged", "is active"),
        ("returned_unacknowledged", "must be acknowledged first"),
        ("latched_unacknowledged", "must be acknowledged first"),
    ],
)
def test_what_is_not_reset(state: str, message: str, alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.in_state(state)
    with pytest.raises(psycopg.Error, match=message) as refused:
        alarms.reset(alarm)
    assert refused.value.sqlstate == "PT409"


def test_a_reset_says_why(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.in_state("latched_acknowledged")
    row = sql.as_role("operator").execute("select state from api.reset_alarm(%s, 'valve changed')", (alarm,)).fetchone()
    assert row == ("normal",)
    assert (alarms.steps(alarm)[-1], alarms.journal(alarm)[-1]["comment"]) == ("reset", "valve changed")


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.parametrize("table", ["alarms", "alarm_journal", "alarm_shelves"])
def test_nobody_writes_by_hand(role: str, table: str, sql: Sql) -> None:
    for statement in (f"delete from api.{table}", f"insert into api.{table} default values"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.as_role(role).execute(statement.encode())


def test_to_acknowledge_beside_the_pipeline(alarms: Alarms, sql: Sql) -> None:
    """Who comes second waits, and then sees what the first did."""
    rule = alarms.rule()
    alarm = alarms.fire(rule)["id"]
    operator, waiting = sql.as_role("operator"), sql.as_login("postgres")
    waiting.execute("set lock_timeout = '100ms'")
    with operator.transaction():
        operator.execute(ACKNOWLEDGE, ([alarm], None))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            waiting.execute("select private.rule_alarms(%s, '{cleared}', '{now}', '{1}', '{x}')", ([rule],))
    waiting.execute("select private.rule_alarms(%s, '{cleared}', '{now}', '{1}', '{x}')", ([rule],))
    assert alarms.get(alarm)["state"] == "normal"


def test_who_had_to_wait_acts_after_what_was_waited_for(alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.in_state("latched_acknowledged")
    rule = alarms.get(alarm)["rule_id"]
    operator, pipeline = sql.as_role("operator"), sql.as_login("postgres")
    pid = operator.info.backend_pid
    with ThreadPoolExecutor(1) as threads:
        with pipeline.transaction():
            pipeline.execute("select private.rule_alarms(%s, '{cleared}', '{now}', '{1}', '{x}')", ([rule],))
            acting = threads.submit(operator.execute, ACKNOWLEDGE, ([alarm], None))
            while not pipeline.execute("select pid from pg_locks where pid = %s and not granted", (pid,)).fetchone():
                pass
            pipeline.execute("select private.rule_alarms(%s, '{fired}', '{now}', '{1}', '{x}')", ([rule],))
        acting.result()
    raised, acknowledged = alarms.journal(alarm)[-2:]
    assert [raised["step"], acknowledged["step"]] == ["raised", "acknowledged"]
    assert acknowledged["happened_at"] > raised["recorded_at"]
    assert acknowledged["waited_seconds"] >= 0
