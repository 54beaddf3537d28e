"""Commands and interlocks through PostgREST: statuses, words, and what comes back."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.support.drive import Drive
from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql


@pytest.fixture(scope="module")
def drive(sql: Sql, people: People) -> Drive:
    return Drive(sql, people)


def set_value(api: Api, role: str = "operator", **body: Any) -> httpx.Response:
    return api.as_role(role).post("/rpc/set_value", json=body)


def test_an_operator_sets_a_value(api: Api, drive: Drive) -> None:
    valve = drive.valve()
    answer = set_value(api, event_id=valve.event, value=40, reason="Warm up")
    assert answer.status_code == 200
    (command,) = answer.json()
    assert (command["state"], command["value"], command["reason"]) == ("queued", 40, "Warm up")
    assert command["controller_id"] == valve.controller.id
    found = api.as_role("viewer").get(f"/commands?id=eq.{command['id']}").json()
    assert found == [command]


def test_a_set_point_is_done_at_once(api: Api, drive: Drive) -> None:
    event = drive.event("range")
    (command,) = set_value(api, event_id=event, value=40).json()
    assert (command["state"], command["value_read"]) == ("done", 40)
    assert api.as_role("viewer").get(f"/latest?event_id=eq.{event}").json()[0]["value"] == 40


def test_a_repeated_request_has_one_effect(api: Api, drive: Drive) -> None:
    event, public_id = drive.valve().event, str(uuid4())
    first, second = (set_value(api, event_id=event, value=40, public_id=public_id) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    other = set_value(api, event_id=event, value=41, public_id=public_id)
    assert (other.status_code, other.json()["message"]) == (409, "public_id is taken by another command.")


def refused(answer: httpx.Response) -> tuple[int, str]:
    error = answer.json()
    assert error.keys() == {"code", "message", "details", "hint"}
    return answer.status_code, error["message"]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"value": 101}, 422, "value must be from 0 to 100 % for {name}, not 101."),
        ({"value": None}, 422, "value must be a finite number."),
        ({"value": "NaN"}, 422, "value must be a finite number."),
        ({"value": 1, "ttl_seconds": 0}, 422, "ttl_seconds must be from 1 to 3600."),
        ({"value": 1, "event_id": 2_000_000_000}, 404, "There is no event 2000000000."),
        ({"value": 1, "reason": "\t"}, 400, "reason must be 1 to 500 characters"),
        ({"value": "a lot"}, 400, "invalid input syntax"),
        ({"value": 1, "event_id": "the valve"}, 400, "invalid input syntax"),
        ({"value": 1, "event_id": 10**30}, 400, "out of range"),
        ({"value": 1, "public_id": "mine"}, 400, "invalid input syntax"),
        ({}, 404, "Could not find the function"),
        ({"value": 1, "force": True}, 404, "Could not find the function"),
    ],
)
def test_what_is_refused_and_how(api: Api, drive: Drive, body: dict[str, Any], status: int, words: str) -> None:
    event = drive.valve().event
    told, message = refused(set_value(api, **{"event_id": event, **body}))
    assert told == status
    assert words.format(name=drive.name(event)) in message


def test_an_interlock_names_itself_and_the_value(api: Api, drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    number = drive.interlock(valve.event, source, "lte", 5)
    drive.measure(source, 7.25)
    words = f"Interlock {number} blocks: {drive.name(source)} must be at most 5 %, but is 7.25 %."
    assert refused(set_value(api, event_id=valve.event, value=1)) == (409, words)


def test_an_actuator_that_nothing_drives(api: Api, drive: Drive) -> None:
    event = drive.event("actuator")
    assert refused(set_value(api, event_id=event, value=1)) == (409, f"{drive.name(event)} is driven by no channel.")


@pytest.mark.parametrize("role", ["viewer", "controller"])
def test_others_set_nothing(api: Api, drive: Drive, role: str) -> None:
    assert refused(set_value(api, role, event_id=drive.valve().event, value=1))[0] == 403


def test_a_controller_sees_its_own_commands_alone(api: Api, drive: Drive, people: People) -> None:
    mine = drive.valve(controller=people.the("controller"))
    made = drive.set(mine.event, 1)
    drive.set(drive.valve().event, 1)
    assert [command["id"] for command in api.as_role("controller").get("/commands").json()] == [made["id"]]


def test_an_administrator_manages_interlocks(api: Api, drive: Drive) -> None:
    admin = api.as_role("admin")
    body = {
        "event_id": drive.valve().event,
        "source_event_id": drive.event(),
        "operator": "between",
        "threshold": 1,
        "threshold_high": 2,
        "max_age_seconds": 60,
        "description": "no dry run",
    }
    made = admin.post("/interlocks", json=body, headers={"Prefer": "return=representation"})
    assert made.status_code == 201
    path = f"/interlocks?id=eq.{made.json()[0]['id']}"
    assert refused(admin.patch(path, json={"operator": "about"})) == (
        400,
        'new row for relation "interlocks" violates check constraint '
        '"operator must be gt, lt, gte, lte, eq, between or not_between"',
    )
    assert admin.patch(path, json={"enabled": False}).status_code == 204
    assert admin.delete(path).status_code == 204


def test_an_interlock_on_a_sensor(api: Api, drive: Drive) -> None:
    body = {
        "event_id": drive.event(),
        "source_event_id": drive.event(),
        "operator": "lt",
        "threshold": 1,
        "max_age_seconds": 60,
    }
    status, words = refused(api.as_role("admin").post("/interlocks", json=body))
    assert status == 422
    assert words.startswith("event_id must name what can be set, but ")
    assert words.endswith(" is a sensor.")
