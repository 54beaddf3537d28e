"""What came of a rule: as the reference has it, and as the database has it, in the same words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.rules.planting import MESSAGE, WEBHOOK_TYPE, Planted
from tests.rules.reference import Machine, Step
from tests.support.postgres import Connection

ALARM_STEPS = {"fired": "raised", "cleared": "returned"}


# at, value, message; of an alarm also its state, how often it was raised, and when it last was
Delivery = tuple[datetime, float | None, str, str | None, int | None, datetime | None]


@dataclass(frozen=True)
class Outcome:
    """Everything that is to be the same, whichever way the points came. Of a rule alone at its event."""

    state: tuple[Any, ...]  # signal, since, with which value, active, fired, last fired at
    log: list[str]
    journal: list[tuple[str, datetime, float | None, str]]  # step, at, value, state after it
    alarm: tuple[Any, ...] | None  # state, occurrences, raised first, raised last, returned
    deliveries: dict[str, list[Delivery]]  # by type


def told_by_reference(machine: Machine, latched: bool) -> Outcome:
    """The outcome of a rule, with what follows from its steps when no person acts."""
    return Outcome(
        (machine.signal, machine.since, machine.value, machine.active, machine.fired, machine.last_fired),
        [_message(step) for step in machine.steps if step.what == "fired"],
        [(ALARM_STEPS[s.what], s.at, s.value, _alarm_state(s.what, latched)) for s in machine.steps],
        _alarm(machine.steps, latched),
        _deliveries(machine.steps, latched),
    )


def _message(step: Step) -> str:
    milliseconds = f"{step.at.microsecond // 1000:03}"
    return MESSAGE.format(time=step.at.astimezone(UTC).strftime(f"%Y-%m-%dT%H:%M:%S.{milliseconds}Z"))


def _alarm_state(what: str, latched: bool) -> str:
    returned = "latched_unacknowledged" if latched else "returned_unacknowledged"
    return "active_unacknowledged" if what == "fired" else returned


def _alarm(steps: Sequence[Step], latched: bool) -> tuple[Any, ...] | None:
    """Nobody acknowledges it, so it is one alarm for ever."""
    if not steps:
        return None
    fired = [step.at for step in steps if step.what == "fired"]
    last = steps[-1]
    returned_at = last.at if last.what == "cleared" else None
    return _alarm_state(last.what, latched), len(fired), fired[0], fired[-1], returned_at


def _deliveries(steps: Sequence[Step], latched: bool) -> dict[str, list[Delivery]]:
    told: list[tuple[str, Delivery]] = []
    raised: list[datetime] = []
    for step in steps:
        if step.what == "fired":
            raised.append(step.at)
            told.append((WEBHOOK_TYPE, (step.at, step.value, _message(step), None, None, None)))
        alarm = (_alarm_state(step.what, latched), len(raised), raised[-1])
        told.append((f"alarm.{ALARM_STEPS[step.what]}", (step.at, step.value, _message(step), *alarm)))
    return _by_type(told)


def told_by_database(superuser: Connection, planted: Sequence[Planted]) -> list[Outcome]:
    """The outcome of each."""
    rules = [each.rule_id for each in planted]
    states = _by_rule(superuser, STATES, rules)
    log = _by_rule(superuser, LOG, rules)
    journal = _by_rule(superuser, JOURNAL, rules)
    alarms = _by_rule(superuser, ALARMS, rules)
    deliveries = _by_rule(superuser, DELIVERIES, rules)
    return [
        Outcome(
            states[rule][0],
            [message for (message,) in log.get(rule, [])],
            journal.get(rule, []),
            _only(alarms.get(rule, [])),
            _by_type([(type_, delivery) for type_, *delivery in deliveries.get(rule, [])]),
        )
        for rule in rules
    ]


def difference(expected: Outcome, got: Outcome) -> dict[str, tuple[Any, Any]]:
    """Whatever differs, as (expected, got)."""
    pairs = {name: (value, vars(got)[name]) for name, value in vars(expected).items()}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _only(rows: list[Any]) -> Any:
    assert len(rows) <= 1, rows
    return rows[0] if rows else None


def _by_type(deliveries: Iterable[tuple[str, Sequence[Any]]]) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {}
    for type_, delivery in deliveries:
        told.setdefault(type_, []).append(tuple(delivery))
    return told


def _by_rule(superuser: Connection, statement: str, rules: list[int]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for rule, *row in superuser.execute(statement.encode(), (rules,)):
        found.setdefault(rule, []).append(tuple(row))
    return found


STATES = """
select rule_id, signal, signal_since, signal_value, active, fired, last_fired_at
from private.rule_states where rule_id = any (%s)
"""
LOG = """
select r.id, l.message from private.log_entries l join private.rules r on l.source = 'rule ' || r.id
where r.id = any (%s) and l.message like 'Rule of this table %%' order by l.id
"""
JOURNAL = """
select a.rule_id, j.step, j.happened_at, j.value, j.state
from private.alarm_journal j join private.alarms a on a.id = j.alarm_id where a.rule_id = any (%s) order by j.id
"""
ALARMS = """
select rule_id, state, occurrences, raised_at, last_raised_at, returned_at
from private.alarms where rule_id = any (%s) order by id
"""
DELIVERIES = """
select r.id, d.type, (d.body::json ->> 'timestamp')::timestamptz, (data ->> 'value')::float8, data ->> 'message',
       data ->> 'state', (data ->> 'occurrences')::int, (data ->> 'raised_at')::timestamptz
from private.webhook_deliveries d, lateral (select d.body::json -> 'data') told (data)
join private.rules r on r.name = data ->> 'rule'
where r.id = any (%s) order by d.id
"""
