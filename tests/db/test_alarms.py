"""The life of an alarm: every state, every step, and the journal of it."""

from typing import Any

import psycopg
import pytest

from tests.db.alarms import Alarms
from tests.db.ingest import at
from tests.support.people import People
from tests.support.sql import Sql

LIFE = """
#                        fired                   cleared                  acknowledge          reset
active_unacknowledged    -                       returned_unacknowledged  active_acknowledged  409
active_acknowledged      -                       normal                   -                    409
returned_unacknowledged  active_unacknowledged   -                        normal               409
latched_unacknowledged   active_unacknowledged   -                        latched_acknowledged 409
latched_acknowledged     active_unacknowledged   -                        -                    normal
normal                   new                     -                        -                    -
"""
STEPS = ("fired", "cleared", "acknowledge", "reset")
JOURNALLED = {"fired": "raised", "cleared": "returned", "acknowledge": "acknowledged", "reset": "reset"}
CELLS = [
    (state, step, outcome)
    for state, *outcomes in (line.split() for line in LIFE.strip().splitlines()[1:])
    for step, outcome in zip(STEPS, outcomes, strict=True)
]


def _take(alarms: Alarms, alarm: dict[str, Any], step: str) -> None:
    if step == "acknowledge":
        alarms.acknowledge(alarm["id"])
    elif step == "reset":
        alarms.reset(alarm["id"])
    else:
        alarms.happen((alarm["rule_id"], step))


@pytest.mark.parametrize(("state", "step", "outcome"), CELLS)
def test_every_step_in_every_state(state: str, step: str, outcome: str, alarms: Alarms) -> None:
    before = alarms.get(alarms.in_state(state))
    steps = alarms.steps(before["id"])
    if outcome == "409":
        with pytest.raises(psycopg.Error) as refused:
            _take(alarms, before, step)
        assert refused.value.sqlstate == "PT409"
    else:
        _take(alarms, before, step)
    after = alarms.get(before["id"])
    if outcome in ("-", "409", "new"):
        assert (after, alarms.steps(before["id"])) == (before, steps)
    else:
        assert after["state"] == outcome
        assert alarms.steps(before["id"]) == [*steps, JOURNALLED[step]]
        assert alarms.journal(before["id"])[-1]["state"] == outcome
    assert len(alarms.of(before["rule_id"])) == (2 if outcome == "new" else 1)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("active_unacknowledged", "latched_unacknowledged"), ("active_acknowledged", "latched_acknowledged")],
)
def test_a_latched_alarm_stays_until_its_reset(state: str, outcome: str, alarms: Alarms) -> None:
    rule = alarms.rule(latched=True)
    alarm = alarms.fire(rule)
    if state == "active_acknowledged":
        alarms.acknowledge(alarm["id"])
    assert alarms.newest(rule)["state"] == state
    assert alarms.clear(rule)["state"] == outcome


def test_what_an_alarm_says(alarms: Alarms, sql: Sql, people: People) -> None:
    rule = alarms.rule("critical")
    first = alarms.fire(rule, 100, 11.5)
    assert first["raised_at"] == first["last_raised_at"] == at(100)
    assert (first["value"], first["message"], first["occurrences"]) == (11.5, "fired at 11.5", 1)
    assert (first["severity"], first["priority"], first["silenced_by"]) == ("critical", 1, None)
    returned = alarms.clear(rule, 110, 8)
    assert (returned["returned_at"], returned["value"], returned["message"]) == (at(110), 11.5, "fired at 11.5")
    again = alarms.fire(rule, 120, 12)
    assert (again["id"], again["occurrences"], again["value"]) == (first["id"], 2, 12)
    assert (again["raised_at"], again["last_raised_at"], again["returned_at"]) == (at(100), at(120), None)
    alarms.acknowledge(first["id"])
    seen = alarms.get(first["id"])
    assert (seen["acknowledged_by"], seen["unacknowledged_since"]) == (people.the("operator").name, None)
    assert seen["acknowledged_at"] == seen["changed_at"] or seen["acknowledged_at"] < seen["changed_at"]


def test_a_latched_alarm_that_comes_again_waits_for_people_again(alarms: Alarms) -> None:
    alarm = alarms.get(alarms.in_state("latched_acknowledged"))
    again = alarms.fire(alarm["rule_id"])
    assert (again["id"], again["acknowledged_at"], again["acknowledged_by"]) == (alarm["id"], None, None)
    assert again["unacknowledged_since"] is not None


def test_a_rule_that_changed_meanwhile(alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule("low")
    alarms.fire(rule)
    alarms.clear(rule)
    sql.superuser.execute("update private.rules set severity = 'high', name = 'renamed' where id = %s", (rule,))
    assert (alarms.newest(rule)["severity"], alarms.newest(rule)["name"] == "renamed") == ("low", False)
    again = alarms.fire(rule)
    assert (again["severity"], again["name"], again["occurrences"]) == ("high", "renamed", 2)


def test_the_journal_says_when_who_and_why(alarms: Alarms, sql: Sql, people: People) -> None:
    rule = alarms.rule()
    alarm = alarms.fire(rule, 5, 11)
    operator = people.the("operator")
    sql.as_role("operator").execute("select api.acknowledge_alarm(%s, 'seen')", ([alarm["id"]],))
    alarms.clear(rule, 9, 3)
    raised, acknowledged, returned = alarms.journal(alarm["id"])
    assert (raised["happened_at"], raised["actor"], raised["value"], raised["message"]) == (
        at(5),
        "system",
        11,
        "fired at 11",
    )
    assert (acknowledged["actor"], acknowledged["user_id"], acknowledged["comment"]) == (
        operator.name,
        operator.id,
        "seen",
    )
    assert acknowledged["waited_seconds"] >= 0
    assert (returned["happened_at"], returned["value"], returned["state"]) == (at(9), 3, "normal")


def test_a_rule_without_the_action_raises_nothing(alarms: Alarms) -> None:
    rule = alarms.rule_without_alarm()
    alarms.happen((rule, "fired"), (rule, "cleared"))
    assert alarms.of(rule) == []


def test_an_action_that_was_removed_leaves_nothing_open(alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule()
    alarms.fire(rule)
    sql.superuser.execute("delete from private.rule_actions where rule_id = %s", (rule,))
    assert alarms.clear(rule)["state"] == "returned_unacknowledged"


def test_a_rule_that_is_not_there(alarms: Alarms) -> None:
    alarms.happen((999999, "fired"), (999999, "cleared"))
    assert alarms.of(999999) == []


def test_nothing(alarms: Alarms) -> None:
    alarms.happen_at([])


@pytest.mark.parametrize(
    ("step", "state"),
    [
        ("acknowledged", "normal"),
        ("raised", "active_unacknowledged"),
        ("returned", "latched_unacknowledged"),
        ("reset", "normal"),
        ("forgotten", "active_unacknowledged"),
    ],
)
def test_the_journal_takes_no_impossible_step(step: str, state: str, alarms: Alarms, sql: Sql) -> None:
    alarm = alarms.in_state("active_unacknowledged")
    with pytest.raises(psycopg.Error, match="is active_unacknowledged and cannot become") as refused:
        sql.superuser.execute(
            "insert into private.alarm_journal (alarm_id, step, state, silent, happened_at, actor)"
            " values (%s, %s, %s, false, now(), 'x')",
            (alarm, step, state),
        )
    assert refused.value.sqlstate == "PT409"
    assert alarms.steps(alarm) == ["raised"]


def test_a_rule_has_one_open_alarm(alarms: Alarms, sql: Sql) -> None:
    rule = alarms.rule()
    alarms.fire(rule)
    with pytest.raises(psycopg.errors.ExclusionViolation, match="at most one open alarm"):
        sql.superuser.execute(
            "insert into private.alarms (rule_id, name, severity, latched, message, state, unacknowledged_since,"
            " raised_at, last_raised_at)"
            " values (%s, 'x', 'low', false, '', 'active_unacknowledged', now(), now(), now())",
            (rule,),
        )
