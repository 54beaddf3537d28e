"""What rules and experiments say to webhooks."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.db.hooks import Hooks
from tests.db.ingest import START, at
from tests.db.plant import Plant

FIRE = "select private.rule_webhooks(%s, %s, %s::timestamptz[], %s, %s)"
FIRE_ALARM = "select private.rule_alarms(array[%s], '{fired}', array[%s::timestamptz], '{1}', '{message}')"


def _rule(hooks: Hooks, event: int, *types: str, severity: str = "high") -> int:
    """A rule that sends these types."""
    rule = hooks.number(
        hooks.superuser,
        "insert into private.rules (name, event_id, operator, threshold, severity)"
        " values ('rule of ' || %s, %s, 'gt', 5, %s) returning id",
        event,
        event,
        severity,
    )
    for kind in types:
        hooks.superuser.execute(
            "insert into private.rule_actions (rule_id, kind, webhook_type) values (%s, 'webhook', %s)", (rule, kind)
        )
    return rule


def _steps(hooks: Hooks, rule: int, *steps: str) -> None:
    """The rule takes these steps, a second after each other, with the values 1, 2 …"""
    count = len(steps)
    times = [at(second) for second in range(count)]
    messages = [f"message {place}" for place in range(count)]
    values = [float(place + 1) for place in range(count)]
    hooks.superuser.execute(FIRE, ([rule] * count, list(steps), times, values, messages))


def test_a_rule_that_fires_says_all_about_it(hooks: Hooks, plant: Plant) -> None:
    event = plant.event("the oven")
    hooks.add(["sensor.threshold_exceeded"])
    _steps(hooks, _rule(hooks, event, "sensor.threshold_exceeded"), "fired")
    (body,) = hooks.bodies()
    assert (body["type"], body["timestamp"]) == ("sensor.threshold_exceeded", "2026-01-05T12:00:00.000000Z")
    assert (
        body["data"].items()
        >= {
            "rule": f"rule of {event}",
            "event": "the oven",
            "unit": "V",
            "value": 1,
            "operator": "gt",
            "threshold": 5,
            "severity": "high",
            "message": "message 0",
        }.items()
    )


def test_a_rate_is_told_in_units_per_second(hooks: Hooks, plant: Plant) -> None:
    hooks.add(["sensor.threshold_exceeded", "alarm.raised"])
    rule = _rule(hooks, plant.event(), "sensor.threshold_exceeded")
    hooks.superuser.execute("insert into private.rule_actions (rule_id, kind) values (%s, 'alarm')", (rule,))
    hooks.superuser.execute("update private.rules set kind = 'rate', window_seconds = 1 where id = %s", (rule,))
    _steps(hooks, rule, "fired")
    hooks.superuser.execute(FIRE_ALARM, (rule, at(0)))
    assert [body["data"]["unit"] for body in hooks.bodies()] == ["V/s", "V/s"]


def test_each_firing_is_told_and_no_clearing(hooks: Hooks, plant: Plant) -> None:
    hooks.add(["sensor.*"])
    _steps(hooks, _rule(hooks, plant.event(), "sensor.threshold_exceeded"), "fired", "cleared", "fired")
    assert [body["data"]["value"] for body in hooks.bodies()] == [1, 3]


def test_a_rule_without_such_an_action_says_nothing(hooks: Hooks, plant: Plant) -> None:
    hooks.add(["sensor.*"])
    _steps(hooks, _rule(hooks, plant.event()), "fired")
    assert hooks.bodies() == []


def test_event_and_severity_of_the_rule_are_those_that_are_filtered(hooks: Hooks, plant: Plant) -> None:
    event, other = plant.event(), plant.event()
    mine, severe = hooks.add(["sensor.*"], event_ids=[event]), hooks.add(["sensor.*"], min_severity="critical")
    for watched, severity in ((event, "low"), (other, "critical")):
        _steps(hooks, _rule(hooks, watched, "sensor.threshold_exceeded", severity=severity), "fired")
    assert [body["data"]["severity"] for body in hooks.bodies(mine)] == ["low"]
    assert [body["data"]["severity"] for body in hooks.bodies(severe)] == ["critical"]


# experiments ------------------------------------------------------------------------------------------------------


@pytest.fixture
def hook(hooks: Hooks) -> int:
    """A webhook that wants to hear of experiments."""
    return hooks.add(["experiment.*"])


def _enter(hooks: Hooks, **columns: object) -> int:
    """An experiment that an operator enters."""
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    statement = f"insert into api.experiments ({names}) values ({marks}) returning id"
    return hooks.number(hooks.admin, statement, *columns.values())


def _told(hooks: Hooks) -> list[tuple[str, str]]:
    """Type and time of what was told, in order."""
    return [(body["type"].removeprefix("experiment."), body["timestamp"]) for body in hooks.bodies()]


def _tick(hooks: Hooks, seconds: float) -> None:
    """So many seconds after the start of all tests."""
    hooks.sidecar.execute("select private.tick_experiments(%s)", (at(seconds),))


def test_start_and_stop(hooks: Hooks, hook: int) -> None:
    experiment = _enter(hooks, name="plain", kind="burn-in")
    hooks.admin.execute("select api.stop_experiment(%s)", (experiment,))
    started, stopped = hooks.bodies(hook)
    assert (started["type"], stopped["type"]) == ("experiment.started", "experiment.stopped")
    assert started["data"].items() >= {"experiment": "plain", "kind": "burn-in", "stopped_at": None}.items()
    assert stopped["data"]["stopped_at"] is not None


@pytest.mark.usefixtures("hook")
def test_one_that_is_entered_afterwards(hooks: Hooks) -> None:
    _enter(hooks, name="past", started_at=START, stopped_at=START + timedelta(hours=1))
    assert _told(hooks) == [("started", "2026-01-05T12:00:00.000000Z"), ("stopped", "2026-01-05T13:00:00.000000Z")]


@pytest.mark.usefixtures("hook")
def test_one_that_is_planned_is_told_when_it_happens(hooks: Hooks) -> None:
    year = timedelta(days=3650)
    _enter(hooks, name="planned", started_at=START + year, stopped_at=START + year + timedelta(minutes=1))
    assert _told(hooks) == []
    for seconds in (-1, 0, 30, 60, 61):
        _tick(hooks, year.total_seconds() + seconds)
    assert [kind for kind, _ in _told(hooks)] == ["started", "stopped"]


@pytest.mark.usefixtures("hook")
def test_corrections_are_not_told(hooks: Hooks) -> None:
    experiment = _enter(hooks, name="corrected", started_at=START)
    change = b"update api.experiments set name = 'better', started_at = %s, stopped_at = %s where id = %s"
    hooks.admin.execute(change, (at(-60), at(60), experiment))
    hooks.admin.execute(change, (at(-50), at(50), experiment))
    assert [kind for kind, _ in _told(hooks)] == ["started", "stopped"]


@pytest.mark.usefixtures("hook")
def test_one_that_runs_again_starts_again(hooks: Hooks) -> None:
    experiment = _enter(hooks, name="again", started_at=START, stopped_at=at(60))
    hooks.admin.execute("update api.experiments set stopped_at = null where id = %s", (experiment,))
    kinds: list[Any] = [kind for kind, _ in _told(hooks)]
    assert kinds == ["started", "stopped", "started"]


@pytest.mark.usefixtures("hook")
def test_the_clock_tells_nothing_twice(hooks: Hooks) -> None:
    _enter(hooks, name="once")
    hooks.sidecar.execute("select private.tick()")
    hooks.sidecar.execute("select private.tick_experiments()")
    assert [kind for kind, _ in _told(hooks)] == ["started"]


@pytest.mark.usefixtures("hook")
def test_one_that_is_deleted_while_it_runs_has_stopped(hooks: Hooks) -> None:
    running = _enter(hooks, name="running", started_at=START)
    over = _enter(hooks, name="over", started_at=START, stopped_at=at(60))
    told = len(_told(hooks))
    hooks.admin.execute("delete from api.experiments where id in (%s, %s)", (running, over))
    (last,) = hooks.bodies()[told:]
    assert (last["type"], last["data"]["experiment"]) == ("experiment.stopped", "running")
    assert datetime.fromisoformat(last["data"]["stopped_at"]) == datetime.fromisoformat(last["timestamp"])


def _logged(hooks: Hooks, name: str) -> list[str]:
    """What the log says of an experiment, without the times."""
    rows = hooks.superuser.execute(
        "select message from private.log_entries where source = 'experiments' and message like %s order by id",
        (f"The experiment {name} %",),
    ).fetchall()
    return [str(message).removeprefix(f"The experiment {name} ").split(" ")[0] for (message,) in rows]


def test_the_log_knows_of_start_and_stop(hooks: Hooks) -> None:
    experiment = _enter(hooks, name="logged", started_at=START)
    hooks.admin.execute("select api.stop_experiment(%s)", (experiment,))
    assert _logged(hooks, "logged") == ["started", "stopped"]
    message = "select message from private.log_entries where message like 'The experiment logged started%'"
    assert hooks.superuser.execute(message).fetchone() == ("The experiment logged started at 2026-01-05 12:00:00 UTC.",)


def test_one_that_was_over_before_it_was_entered_is_no_news_for_the_log(hooks: Hooks) -> None:
    _enter(hooks, name="history", started_at=START, stopped_at=at(60))
    assert _logged(hooks, "history") == []
