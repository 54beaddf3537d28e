"""Experiments through PostgREST: started with their events, noted, kept, summed up."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest

from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql

REPRESENTATION = {"Prefer": "return=representation"}
T = "2026-01-05T12:00:00+00:00"
_numbers = count(1)


@pytest.fixture
def event(api: Api) -> int:
    """An event with one value at T."""
    body = {"name": f"event {next(_numbers)}", "unit": "V", "min_value": 0, "max_value": 1}
    number: int = api.as_role("admin").post("/events", json=body, headers=REPRESENTATION).json()[0]["id"]
    value = {"event_id": number, "ts": T, "value": 0.5}
    assert api.as_role("operator").post("/datapoints", json=value).status_code == 201
    return number


def _start(api: Api, **more: Any) -> httpx.Response:
    body = {"name": f"run {next(_numbers)}"} | more
    return api.as_role("operator").post("/rpc/start_experiment", json=body)


def _started(api: Api, **more: Any) -> dict[str, Any]:
    answer = _start(api, **more)
    assert answer.status_code == 200, answer.text
    (row,) = answer.json()
    assert isinstance(row, dict)
    return row


def _note(api: Api, experiment: int, text: str, role: str = "operator", **more: str) -> dict[str, Any]:
    body = {"experiment_id": experiment, "text": text} | more
    answer = api.as_role(role).post("/experiment_notes", json=body, headers=REPRESENTATION)
    assert answer.status_code == 201, answer.text
    (row,) = answer.json()
    assert isinstance(row, dict)
    return row


def _summary(api: Api, experiment: int) -> httpx.Response:
    return api.as_role("viewer").get(f"/rpc/experiment_summary?experiment_id={experiment}")


def test_started_with_its_events_in_one_request(api: Api, event: int) -> None:
    parameters = {"temperature": 80.5, "stirrer": {"rpm": 300}, "steps": [1, 2]}
    run = _started(api, kind="burn-in", description="why not", parameters=parameters, keep=True, event_ids=[event])
    assert (run["kind"], run["description"], run["parameters"], run["keep"]) == ("burn-in", "why not", parameters, True)
    assert (run["started_at"] is not None, run["stopped_at"]) == (True, None)
    shown = api.as_role("viewer").get(f"/experiments?id=eq.{run['id']}&select=name,experiment_events(event_id)")
    assert shown.json() == [{"name": run["name"], "experiment_events": [{"event_id": event}]}]


def test_what_is_left_out(api: Api) -> None:
    run = _started(api)
    assert (run["kind"], run["description"], run["parameters"], run["keep"]) == (None, None, {}, False)
    assert api.as_role("viewer").get(f"/experiment_events?experiment_id=eq.{run['id']}").json() == []


def test_an_event_that_is_named_twice_belongs_once(api: Api, event: int) -> None:
    run = _started(api, event_ids=[event, event], started_at=T)
    assert run["started_at"] == T
    assert len(api.as_role("viewer").get(f"/experiment_events?experiment_id=eq.{run['id']}").json()) == 1


@pytest.mark.parametrize(
    ("wrong", "status", "word"),
    [
        ({"event_ids": [999999]}, 422, "event_ids must be numbers of events, but 999999 are not."),
        ({"event_ids": [None]}, 422, "event_ids must be numbers of events, but null are not."),
        ({"event_ids": ["x"]}, 400, '"x"'),
        ({"name": None}, 400, '"name"'),
        ({"name": " "}, 400, "name must be 1 to 255 characters"),
        ({"parameters": []}, 400, "parameters must be an object"),
        ({"started_at": "infinity"}, 400, "started_at and stopped_at must be in the years 1900 to 2200"),
        ({"started_at": "yesterday week"}, 400, "yesterday week"),
        ({"nonsense": 1}, 404, "nonsense"),
    ],
)
def test_not_started(wrong: dict[str, Any], status: int, word: str, api: Api, event: int) -> None:
    name = f"never {next(_numbers)}"
    answer = _start(api, **{"name": name, "event_ids": [event]} | wrong)
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}
    assert word in answer.json()["message"]
    assert api.as_role("viewer").get("/experiments", params={"name": f"eq.{name}"}).json() == []


def test_a_list_whose_last_event_is_purged_is_not_all_events(api: Api, event: int) -> None:
    own = {"name": f"event {next(_numbers)}", "unit": "V", "min_value": 0, "max_value": 1}
    listed = api.as_role("admin").post("/events", json=own, headers=REPRESENTATION).json()[0]["id"]
    run = _started(api, event_ids=[listed])
    assert run["all_events"] is False
    assert api.as_role("admin").post("/rpc/purge_event", json={"event_id": listed}).is_success
    summary = _summary(api, run["id"]).json()
    assert (summary["experiment"]["all_events"], summary["events"]) == (False, [])
    everything = {"all_events": True}
    assert api.as_role("operator").patch(f"/experiments?id=eq.{run['id']}", json=everything).is_success
    assert event in [line["event_id"] for line in _summary(api, run["id"]).json()["events"]]


def test_a_list_that_is_begun_later(api: Api, event: int) -> None:
    operator = api.as_role("operator")
    run = operator.post("/experiments", json={"name": f"run {next(_numbers)}"}, headers=REPRESENTATION).json()[0]
    assert run["all_events"] is True
    assert operator.post("/experiment_events", json={"experiment_id": run["id"], "event_id": event}).is_success
    summary = _summary(api, run["id"]).json()
    assert summary["experiment"]["all_events"] is False
    assert [line["event_id"] for line in summary["events"]] == [event]


def _stop(api: Api, experiment: int | None) -> tuple[int, str]:
    answer = api.as_role("operator").post("/rpc/stop_experiment", json={"experiment_id": experiment})
    assert answer.is_success or answer.json().keys() == {"code", "message", "details", "hint"}
    return answer.status_code, "" if answer.is_success else answer.json()["message"]


def test_stopped_once(api: Api) -> None:
    run = _started(api)["id"]
    assert _stop(api, run) == (200, "")
    assert _stop(api, run) == (409, f"Experiment {run} was stopped before.")


def test_of_many_who_stop_it_at_once_one_does(api: Api) -> None:
    run = _started(api)["id"]
    with ThreadPoolExecutor(4) as together:
        answers = sorted(together.map(lambda _: _stop(api, run)[0], range(4)))
    assert answers == [200, 409, 409, 409]


def test_none_is_stopped_without_a_number(api: Api) -> None:
    assert _stop(api, None) == (404, "There is no experiment null.")


def test_of_many_unknown_events_a_few_are_named(api: Api) -> None:
    """The message stands in the first line of the answer too, which clients read up to some length."""
    answer = _start(api, event_ids=list(range(500_000, 600_000)))
    assert answer.status_code == 422
    assert len(answer.json()["message"]) < 200


def test_a_name_is_taken(api: Api) -> None:
    answer = _start(api, name=_started(api)["name"])
    assert (answer.status_code, answer.json()["code"]) == (409, "23505")


def test_a_note_says_who_wrote_it_and_when(api: Api, people: People) -> None:
    experiment = _started(api)["id"]
    operator = people.the("operator")
    now, earlier = _note(api, experiment, "it smells"), _note(api, experiment, "all well", noted_at=T)
    assert (now["author"], now["user_id"], now["noted_at"]) == (operator.name, operator.id, now["created_at"])
    assert earlier["noted_at"] == T
    assert [note["id"] for note in _summary(api, experiment).json()["notes"]] == [earlier["id"], now["id"]]


def test_a_note_is_its_authors(api: Api, people: People) -> None:
    """Colleagues leave it as it is; an administrator may change it."""
    note = _note(api, _started(api)["id"], "it smells")
    row, change = f"/experiment_notes?id=eq.{note['id']}", {"text": "it smells nice"}
    colleague = api.as_caller(people.user("operator"))
    assert colleague.patch(row, json=change, headers=REPRESENTATION).json() == []
    assert colleague.delete(row, headers=REPRESENTATION).json() == []
    for role in ("operator", "admin"):
        (changed,) = api.as_role(role).patch(row, json=change, headers=REPRESENTATION).json()
        assert changed == note | change
    assert len(api.as_role("operator").delete(row, headers=REPRESENTATION).json()) == 1


def test_a_note_stays_when_its_author_goes(api: Api, people: People) -> None:
    gone = people.user("operator")
    body = {"experiment_id": _started(api)["id"], "text": "farewell"}
    (note,) = api.as_caller(gone).post("/experiment_notes", json=body, headers=REPRESENTATION).json()
    assert api.as_role("admin").delete(f"/users?id=eq.{gone.id}").is_success
    (left,) = api.as_role("viewer").get(f"/experiment_notes?id=eq.{note['id']}").json()
    assert left == note | {"user_id": None}


def test_what_it_came_to(api: Api, event: int) -> None:
    started = "2026-01-05T11:59:59.75+00:00"
    experiment = _started(api, event_ids=[event], started_at=started)["id"]
    stop = {"stopped_at": "2026-01-05T12:00:00.25+00:00"}
    (stopped,) = (
        api.as_role("operator").patch(f"/experiments?id=eq.{experiment}", json=stop, headers=REPRESENTATION).json()
    )
    summary = _summary(api, experiment).json()
    (figures,) = summary["events"]
    assert summary["experiment"] == stopped
    assert (summary["until"], summary["duration_seconds"]) == (stop["stopped_at"], 0.5)
    assert (figures["event_id"], figures["count"], figures["mean"], figures["last_at"]) == (event, 1, 0.5, T)
    assert (summary["alarms"], summary["notes"], summary["files"]) == ([], [], [])


def test_what_a_running_one_came_to_until_now(api: Api, event: int) -> None:
    summary = _summary(api, _started(api, event_ids=[event], started_at=T)["id"]).json()
    assert (summary["events"][0]["count"], summary["experiment"]["stopped_at"]) == (1, None)
    assert summary["until"] > T


def test_one_that_has_not_begun_lasted_for_no_time(api: Api, event: int) -> None:
    summary = _summary(api, _started(api, event_ids=[event], started_at="2099-01-01")["id"]).json()
    assert (summary["duration_seconds"], summary["events"][0]["count"]) == (0, 0)


@pytest.mark.parametrize(("start", "values"), [("1900-01-01T00:00Z", 1), ("2200-12-31T23:59:59Z", 0)])
def test_one_that_began_at_the_edge_of_time(start: str, values: int, api: Api, event: int) -> None:
    answer = _summary(api, _started(api, event_ids=[event], started_at=start)["id"])
    assert answer.json()["events"][0]["count"] == values


@pytest.mark.parametrize("start", ["4713-01-01 BC", "1899-12-31T23:59:59Z", "2201-01-01T00:00Z", "294276-12-31"])
def test_one_beyond_what_series_and_exports_take(start: str, api: Api) -> None:
    answer = _start(api, started_at=start)
    assert answer.status_code == 400
    assert "started_at and stopped_at must be in the years 1900 to 2200" in answer.json()["message"]


def test_alarms_of_its_events_meanwhile(api: Api, sql: Sql) -> None:
    ours, other = (_event_with_alarms(api, sql) for _ in range(2))
    experiment = _started(api, event_ids=[ours], started_at=T)["id"]
    api.as_role("operator").patch(f"/experiments?id=eq.{experiment}", json={"stopped_at": "2026-01-05T13:00:00Z"})
    alarms = _summary(api, experiment).json()["alarms"]
    assert [(a["event_id"], a["severity"], a["raised_at"]) for a in alarms] == [
        (ours, "medium", "2026-01-05T12:30:00+00:00"),
        (ours, "medium", T),
    ]
    linked = api.as_role("viewer").get(f"/alarms?public_id=eq.{alarms[0]['alarm_public_id']}").json()
    assert [alarm["id"] for alarm in linked] == [alarms[0]["alarm_id"]]
    everything = _started(api, started_at=T)["id"]
    assert {a["event_id"] for a in _summary(api, everything).json()["alarms"]} >= {ours, other}


def _event_with_alarms(api: Api, sql: Sql) -> int:
    """An event whose alarm was raised a minute before T, at T, and half an hour and an hour later."""
    body = {"name": f"event {next(_numbers)}", "unit": "V", "min_value": 0, "max_value": 1}
    admin = api.as_role("admin")
    event: int = admin.post("/events", json=body, headers=REPRESENTATION).json()[0]["id"]
    rule = {"name": f"rule {next(_numbers)}", "event_id": event, "operator": "gt", "threshold": 1}
    saved = admin.post("/rpc/save_rule", json={"rule": rule | {"actions": [{"kind": "alarm"}]}}).json()
    sql.superuser.execute(
        "select private.rule_alarms(array_agg(%s::int), array_agg(step), array_agg(%s::timestamptz + at), "
        "array_agg(2::float8), array_agg('hot'::text)) from (values ('fired', interval '-1 minute'), "
        "('cleared', '-1 second'), ('fired', '0'), ('cleared', '1 minute'), ('fired', '30 minutes'), "
        "('cleared', '31 minutes'), ('fired', '1 hour')) as steps (step, at)",
        (saved["id"], T),
    )
    return event


@pytest.mark.parametrize(("number", "status"), [("999999", 404), ("x", 400), ("", 400)])
def test_no_such_experiment(number: str, status: int, api: Api) -> None:
    answer = api.as_role("viewer").get(f"/rpc/experiment_summary?experiment_id={number}")
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}


def test_deleting_it_deletes_no_value(api: Api, event: int) -> None:
    experiment = _started(api, event_ids=[event], started_at=T)["id"]
    note = _note(api, experiment, "it smells")
    assert api.as_role("operator").delete(f"/experiments?id=eq.{experiment}").is_success
    viewer = api.as_role("viewer")
    assert viewer.get(f"/experiment_notes?id=eq.{note['id']}").json() == []
    assert len(viewer.get(f"/datapoints?event_id=eq.{event}").json()) == 1
    assert len(viewer.get(f"/events?id=eq.{event}").json()) == 1
