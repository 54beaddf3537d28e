"""What alarms become does not depend on how the steps of rules are cut into calls."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.db.alarms import Alarms
from tests.support.sql import Sql

# two latched rules, two that are not, one without the action
RULES = 5
# in which states their alarms are before
BEGINNINGS = ["none", "active", "acknowledged", "returned", "returned_acknowledged", "shelved"]

steps = st.lists(st.tuples(st.integers(0, RULES - 1), st.sampled_from(["fired", "cleared"])), max_size=14)
beginnings = st.lists(st.sampled_from(BEGINNINGS), min_size=RULES, max_size=RULES)
cuts = st.lists(st.integers(0, 14), max_size=5)


@pytest.fixture(scope="module")
def rules(alarms: Alarms) -> list[int]:
    """Rules without alarms."""
    return [*(alarms.rule(latched=latched) for latched in (True, True, False, False)), alarms.rule_without_alarm()]


def _begin(alarms: Alarms, sql: Sql, rule: int, beginning: str) -> None:
    if beginning == "none":
        return
    alarms.happen_at([(rule, "fired", 0, 1)])
    for alarm in alarms.of(rule):
        if beginning.endswith("acknowledged"):
            sql.superuser.execute("select api.acknowledge_alarm(array[%s]::bigint[])", (alarm["id"],))
        if beginning == "shelved":
            sql.superuser.execute("select api.shelve_alarm(%s, now() + interval '1 hour', 'x')", (alarm["id"],))
    if beginning.startswith("returned"):
        alarms.happen_at([(rule, "cleared", 1, 2)])


def _outcome(
    alarms: Alarms, sql: Sql, rules: list[int], begin: list[str], batches: list[list[Any]]
) -> list[tuple[Any, ...]]:
    """Every line of the journal in order, and every alarm, after these calls, which are then undone."""
    with sql.superuser.transaction(force_rollback=True):
        for rule, beginning in zip(rules, begin, strict=True):
            _begin(alarms, sql, rule, beginning)
        for batch in batches:
            alarms.happen_at(batch)
        journal = sql.superuser.execute(
            "select rule_id, dense_rank() over (partition by rule_id order by alarm_id), step, j.state, silent,"
            " case when actor = 'system' then happened_at end, actor, j.value, j.message"
            " from private.alarm_journal j join private.alarms a on a.id = j.alarm_id order by j.id"
        ).fetchall()
        table = sql.superuser.execute(
            "select rule_id, event_id, name, severity, latched, message, value, state, silenced_by, occurrences,"
            " raised_at, last_raised_at, returned_at, unacknowledged_since is null, acknowledged_by"
            " from private.alarms order by rule_id, id"
        ).fetchall()
    return [*journal, *table]


def _in_batches(items: list[Any], at: list[int]) -> list[list[Any]]:
    edges = [0, *sorted(cut % (len(items) + 1) for cut in at), len(items)]
    return [items[start:end] for start, end in pairwise(edges)]


@settings(max_examples=75)
@given(beginnings, steps, cuts)
def test_any_cut_gives_the_same_as_one_by_one(
    alarms: Alarms, sql: Sql, rules: list[int], begin: list[str], some: list[tuple[int, str]], at: list[int]
) -> None:
    given_steps = [(rules[rule], step, 10.0 + place, float(place)) for place, (rule, step) in enumerate(some)]
    one_by_one = _outcome(alarms, sql, rules, begin, [[step] for step in given_steps])
    assert _outcome(alarms, sql, rules, begin, _in_batches(given_steps, at)) == one_by_one
    assert _outcome(alarms, sql, rules, begin, [given_steps]) == one_by_one


def test_an_acknowledged_alarm_that_clears_and_fires_in_one_call(alarms: Alarms) -> None:
    rule = alarms.rule()
    first = alarms.fire(rule)["id"]
    alarms.acknowledge(first)
    alarms.happen((rule, "cleared"), (rule, "fired"), (rule, "cleared"), (rule, "fired"))
    closed, fresh = alarms.of(rule)
    assert (closed["state"], alarms.steps(first)) == ("normal", ["raised", "acknowledged", "returned"])
    assert (fresh["state"], fresh["occurrences"]) == ("active_unacknowledged", 2)
    assert alarms.steps(fresh["id"]) == ["raised", "returned", "raised"]


def test_a_latched_one_stays_the_same(alarms: Alarms) -> None:
    rule = alarms.rule(latched=True)
    alarm = alarms.fire(rule)["id"]
    alarms.acknowledge(alarm)
    alarms.happen((rule, "cleared"), (rule, "fired"), (rule, "cleared"))
    assert [row["state"] for row in alarms.of(rule)] == ["latched_unacknowledged"]
    states = [line["state"] for line in alarms.journal(alarm)]
    assert states[2:] == ["latched_acknowledged", "active_unacknowledged", "latched_unacknowledged"]
