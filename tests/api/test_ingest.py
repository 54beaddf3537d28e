"""Measured values through REST: rpc/ingest for many, the view for one."""

import itertools
from typing import Any

import httpx
import pytest

from tests.api.world import World
from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql

_seconds = itertools.count()
NOBODY = "00000000-0000-0000-0000-000000000000"


def _ingest(client: httpx.Client, *points: object) -> dict[str, Any]:
    answer = client.post("/rpc/ingest", json={"points": points})
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def _public_id(sql: Sql, event_id: int) -> str:
    row = sql.superuser.execute("select public_id from private.events where id = %s", (event_id,)).fetchone()
    assert row is not None
    return str(row[0])


def test_many_points_of_which_some_are_refused(api: Api, world: World, sql: Sql) -> None:
    own, foreign = world.own["controller"].event_id, world.foreign.event_id
    answer = _ingest(
        api.as_role("controller"),
        {"event_public_id": _public_id(sql, own), "value": 1.5, "timestamp": "2026-02-01T00:00:00Z", "quality": 64},
        {"event_id": foreign, "value": 1, "timestamp": "2026-02-01T00:00:00Z"},
        {"event_public_id": NOBODY, "value": 1},
        {"event_id": own, "timestamp": "2026-02-01T00:00:01Z"},
        {"event_id": own, "value": "NaN", "timestamp": "2026-02-01T00:00:02Z"},
        {"event_id": own, "value": 1, "timestamp": "1999-02-01T00:00:00Z"},
        {"event_id": own, "value": 1, "timestamp": "9999-02-01T00:00:00Z"},
        {"event_id": own, "value": 1.5, "timestamp": "2026-02-01T00:00:00Z", "quality": 64},
        {"event_id": own, "value": 7, "timestamp": "2026-02-01T00:00:00Z"},
    )
    reasons = {item["index"]: item["reason"] for item in answer["rejected"]}
    assert reasons == {
        1: "not_yours",
        2: "unknown_event",
        3: "malformed",
        4: "not_finite",
        5: "out_of_horizon",
        6: "future",
        8: "conflict",
    }
    assert (answer["accepted"], answer["duplicates"], answer["rejected_total"]) == (1, 1, 7)
    assert answer["rejected"][1]["event_public_id"] == NOBODY
    stored = api.as_role("viewer").get(f"/datapoints?event_id=eq.{own}&ts=eq.2026-02-01T00:00:00Z").json()
    assert [(point["value"], point["quality"]) for point in stored] == [(1.5, 64)]


def test_without_a_time_it_is_now(api: Api, world: World) -> None:
    event = world.own["operator"].event_id
    assert _ingest(api.as_role("operator"), {"event_id": event, "value": 5})["accepted"] == 1
    latest = api.as_role("viewer").get(f"/latest?event_id=eq.{event}").json()
    assert (latest[0]["value"], latest[0]["quality"]) == (5, 216)


@pytest.mark.parametrize("given", [None, 192, 64])
@pytest.mark.parametrize(
    ("caller", "usual"), [("operator", 216), ("admin", 216), ("program", 192), ("controller", 192)]
)
def test_what_a_person_enters_is_a_local_override(
    caller: str, usual: int, given: int | None, api: Api, world: World, people: People
) -> None:
    """What programs and controllers send is measured. Who says how good it is is believed."""
    program = people.api_token(people.the("operator").name, "operator")
    client = api.as_caller(program) if caller == "program" else api.as_role(caller)
    event = world.own[caller if caller != "program" else "operator"].event_id
    one, many = (f"2026-02-07T00:00:{next(_seconds):02}Z" for _ in range(2))
    quality = {} if given is None else {"quality": given}
    assert client.post("/datapoints", json={"event_id": event, "value": 1, "ts": one} | quality).is_success
    assert _ingest(client, {"event_id": event, "value": 1, "timestamp": many} | quality)["accepted"] == 1
    stored = api.as_role("viewer").get(f"/datapoints?event_id=eq.{event}&ts=in.({one},{many})").json()
    assert [point["quality"] for point in stored] == [given or usual] * 2


def test_the_same_request_again_changes_nothing(api: Api, world: World) -> None:
    point = {"event_id": world.foreign.event_id, "value": 5, "timestamp": "2026-02-02T00:00:00Z"}
    operator = api.as_role("operator")
    assert [_ingest(operator, point)["accepted"] for _ in range(2)] == [1, 0]


def test_no_points(api: Api) -> None:
    assert _ingest(api.as_role("operator")) == {"accepted": 0, "duplicates": 0, "rejected": [], "rejected_total": 0}


def test_only_the_first_hundred_refusals_are_listed(api: Api) -> None:
    answer = _ingest(api.as_role("operator"), *[{"event_id": 999, "value": n} for n in range(150)])
    assert (len(answer["rejected"]), answer["rejected_total"]) == (100, 150)
    assert [item["index"] for item in answer["rejected"]] == list(range(100))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"points": None},
        {"points": {}},
        {"points": "x"},
        {"points": [1]},
        {"points": [None]},
        {"points": [[1]]},
        {"points": [{"event_public_id": "x", "value": 1}]},
        {"points": [{"event_id": 1, "value": "abc"}]},
        {"points": [{"event_id": 1, "value": [1]}]},
        {"points": [{"event_id": 1, "value": 1, "timestamp": "yesterday-ish"}]},
        {"points": [{"event_id": 1, "value": 1, "quality": 70000}]},
        {"points": [{"event_id": 1e30, "value": 1}]},
    ],
)
def test_what_is_not_points_is_the_callers_mistake(body: object, api: Api) -> None:
    answer = api.as_role("operator").post("/rpc/ingest", json=body)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}


@pytest.mark.parametrize("value", ["1e400", "-1e400", "[" * 10_000 + "]" * 10_000])
def test_hostile_json(value: str, api: Api) -> None:
    body = f'{{"points": [{{"event_id": 1, "value": {value}}}]}}'
    answer = api.as_role("operator").post("/rpc/ingest", content=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text


def test_more_points_than_a_request_takes(api: Api) -> None:
    points = [{"event_id": 1, "value": n} for n in range(5001)]
    assert api.as_role("operator").post("/rpc/ingest", json={"points": points}).status_code == 413


@pytest.mark.parametrize("key", ["event_id", "event_public_id"])
def test_one_value_by_hand(key: str, api: Api, world: World, sql: Sql) -> None:
    number = world.own["operator"].event_id
    body = {
        key: number if key == "event_id" else _public_id(sql, number),
        "value": 3,
        "ts": f"2026-03-0{len(key) % 9 + 1}",
    }
    answer = api.as_role("operator").post("/datapoints", json=body, headers={"Prefer": "return=representation"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()[0]["event_id"], answer.json()[0]["quality"]) == (number, 216)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"event_id": 999, "value": 1}, "unknown_event"),
        ({"value": 1}, "unknown_event"),
        ({"event_id": 1}, "malformed"),
        ({"event_id": 1, "value": "Infinity"}, "not_finite"),
        ({"event_id": 1, "value": 1, "ts": "1999-01-01"}, "out_of_horizon"),
        ({"event_id": 1, "value": 1, "ts": "infinity"}, "future"),
        ({"event_id": 1, "value": 1, "ts": "-infinity"}, "out_of_horizon"),
        ({"event_id": 1, "value": 99, "ts": "2026-01-05T12:00:00Z"}, "conflict"),
    ],
)
def test_one_value_refused(body: dict[str, Any], reason: str, api: Api, world: World) -> None:
    answer = api.as_role("operator").post("/datapoints", json=body)
    assert answer.status_code == 422, answer.text
    assert reason in answer.json()["message"]
    assert answer.json()["hint"]


def test_the_same_value_by_hand_again_is_fine(api: Api, world: World) -> None:
    body = {"event_id": world.foreign.event_id, "value": 3, "ts": "2026-03-01"}
    assert [api.as_role("operator").post("/datapoints", json=body).status_code for _ in range(2)] == [201, 201]


def test_an_archived_event_takes_nothing(api: Api, world: World, sql: Sql) -> None:
    event = world.own["viewer"].event_id
    sql.superuser.execute("update private.events set archived_at = now() where id = %s", (event,))
    answer = _ingest(api.as_role("operator"), {"event_id": event, "value": 1})
    assert [item["reason"] for item in answer["rejected"]] == ["disabled"]


def test_a_viewers_token_of_an_operator_may_not_write(api: Api, people: People) -> None:
    token = people.api_token(people.the("operator").name, "viewer")
    assert api.as_caller(token).post("/rpc/ingest", json={"points": []}).status_code == 403
