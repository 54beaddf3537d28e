"""Alarms through PostgREST: what an operator's page asks and does."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql

_numbers = itertools.count(1)


def _later(**time: float) -> str:
    return (datetime.now(UTC) + timedelta(**time)).isoformat()


@pytest.fixture
def rule(sql: Sql) -> int:
    """A rule whose alarm is active."""
    name = f"rule {next(_numbers)}"
    row = sql.superuser.execute(
        "with event as ("
        "     insert into private.events (name, unit, min_value, max_value) values (%s, 'V', 0, 1) returning id)"
        " insert into private.rules (name, event_id, operator, threshold, severity)"
        " select %s, id, 'gt', 10, 'critical' from event returning id",
        (name, name),
    ).fetchone()
    assert row is not None
    sql.superuser.execute("insert into private.rule_actions (rule_id, kind) values (%s, 'alarm')", row)
    sql.superuser.execute("select private.rule_alarms(%s, '{fired}', array[now()], '{11}', '{too high}')", ([row[0]],))
    return int(row[0])


@pytest.fixture
def alarm(rule: int, api: Api) -> dict[str, Any]:
    """The alarm of the rule."""
    (found,) = api.as_role("viewer").get(f"/alarms?rule_id=eq.{rule}").json()
    return dict(found)


def test_the_page_of_open_alarms(alarm: dict[str, Any], api: Api) -> None:
    query = "/alarms?state=neq.normal&silenced_by=is.null&order=priority,raised_at.desc"
    rows = api.as_role("viewer").get(query).json()
    assert alarm in rows
    assert (alarm["state"], alarm["message"], alarm["priority"]) == ("active_unacknowledged", "too high", 1)


def test_all_that_are_shown_are_acknowledged(alarm: dict[str, Any], api: Api, people: People) -> None:
    operator = api.as_role("operator")
    shown = [row["id"] for row in operator.get("/alarms?unacknowledged_since=not.is.null").json()]
    answer = operator.post("/rpc/acknowledge_alarm", json={"alarm_ids": shown, "comment": "on it"})
    assert (answer.status_code, {row["id"] for row in answer.json()}) == (200, set(shown))
    again = operator.post("/rpc/acknowledge_alarm", json={"alarm_ids": shown}).json()
    assert again == answer.json()
    lines = operator.get(f"/alarm_journal?alarm_id=eq.{alarm['id']}&order=id").json()
    assert [(line["step"], line["actor"], line["comment"]) for line in lines] == [
        ("raised", "system", None),
        ("acknowledged", people.the("operator").name, "on it"),
    ]
    whose = {(line["alarm_public_id"], line["name"], line["severity"]) for line in lines}
    assert whose == {(alarm["public_id"], alarm["name"], alarm["severity"])}


def test_counts_fall_when_somebody_acknowledges(alarm: dict[str, Any], api: Api) -> None:
    def critical() -> dict[str, int]:
        (row,) = api.as_role("viewer").get("/alarm_counts?severity=eq.critical").json()
        return dict(row)

    before = critical()
    api.as_role("operator").post("/rpc/acknowledge_alarm", json={"alarm_ids": [alarm["id"]]})
    after = critical()
    assert after["active_unacknowledged"] == before["active_unacknowledged"] - 1
    assert after["open"] == before["open"]
    assert len(api.as_role("viewer").get("/alarm_counts").json()) == 4


def test_a_shelf_and_its_end(alarm: dict[str, Any], api: Api) -> None:
    operator = api.as_role("operator")
    body = {"alarm_id": alarm["id"], "until": _later(hours=1), "reason": "being mended"}
    (shelved,) = operator.post("/rpc/shelve_alarm", json=body).json()
    assert shelved["silenced_by"] == "shelved"
    (shelf,) = operator.get(f"/alarm_shelves?rule_id=eq.{alarm['rule_id']}").json()
    assert shelf["reason"] == "being mended"
    (announced,) = operator.post("/rpc/unshelve_alarm", json={"alarm_id": alarm["id"]}).json()
    assert announced["silenced_by"] is None


@pytest.mark.parametrize(
    ("function", "body", "status", "message"),
    [
        ("acknowledge_alarm", {"alarm_ids": [999999]}, 404, "There is no alarm 999999."),
        ("acknowledge_alarm", {"alarm_ids": None}, 400, "alarm_ids must be an array of numbers of alarms."),
        ("acknowledge_alarm", {"alarm_ids": "x"}, 400, "malformed array"),
        (
            "acknowledge_alarm",
            {"alarm_ids": "mine", "comment": "x" * 1001},
            400,
            "comment must be 1 to 1000 characters",
        ),
        ("reset_alarm", {"alarm_id": "mine"}, 409, "is active"),
        ("reset_alarm", {"alarm_id": None}, 404, "There is no alarm null."),
        (
            "shelve_alarm",
            {"alarm_id": "mine", "until": "2020-01-01", "reason": "x"},
            400,
            "until must be in the future",
        ),
        ("shelve_alarm", {"alarm_id": "mine", "until": None, "reason": "x"}, 400, "until must be in the future"),
        ("shelve_alarm", {"alarm_id": "mine", "until": "later", "reason": ""}, 400, "reason must be 1 to 1000"),
        ("shelve_alarm", {"alarm_id": "mine", "until": "later", "reason": None}, 400, "reason must be given"),
        ("unshelve_alarm", {"alarm_id": 999999}, 404, "There is no alarm 999999."),
    ],
)
def test_mistakes_are_named(
    function: str, body: dict[str, Any], status: int, message: str, alarm: dict[str, Any], api: Api
) -> None:
    known = {"alarm_ids": [alarm["id"]], "alarm_id": alarm["id"], "until": _later(hours=1)}
    filled = {key: known[key] if value in ("mine", "later") else value for key, value in body.items()}
    answer = api.as_role("operator").post(f"/rpc/{function}", json=filled)
    assert (answer.status_code, message in answer.json()["message"]) == (status, True), answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}


def test_the_journal_comes_with_its_alarm(alarm: dict[str, Any], api: Api) -> None:
    rows = api.as_role("viewer").get(f"/alarms?id=eq.{alarm['id']}&select=name,alarm_journal(step,state)").json()
    assert rows == [{"name": alarm["name"], "alarm_journal": [{"step": "raised", "state": "active_unacknowledged"}]}]
