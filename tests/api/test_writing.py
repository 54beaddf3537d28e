"""Writing through PostgREST: what comes back, many rows at once, and upserts."""

from typing import Any

import pytest

from tests.support.rest import Api

REPRESENTATION = {"Prefer": "return=representation"}


def _event(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "unit": "V", "min_value": 0, "max_value": 1} | more


def test_what_was_made_comes_back(api: Api) -> None:
    answer = api.as_role("admin").post("/events", json=_event("made"), headers=REPRESENTATION)
    assert answer.status_code == 201
    (event,) = answer.json()
    assert (event["name"], event["event_type"], event["archived_at"]) == ("made", "sensor", None)
    assert api.as_role("viewer").get(f"/events?public_id=eq.{event['public_id']}").json() == [event]


def test_the_place_of_what_was_made(api: Api) -> None:
    answer = api.as_role("admin").post("/events", json=_event("placed"), headers={"Prefer": "return=headers-only"})
    assert answer.headers["Location"].startswith("/events?id=eq.")


def test_many_at_once_are_all_or_none(api: Api) -> None:
    answer = api.as_role("admin").post("/events", json=[_event("good"), _event("bad", min_value=2)])
    assert answer.status_code == 400
    assert api.as_role("viewer").get("/events?name=in.(good,bad)").json() == []


def test_an_upsert_by_name(api: Api) -> None:
    headers = {"Prefer": "resolution=merge-duplicates,return=representation"}
    for unit in ("V", "mV"):
        answer = api.as_role("admin").post(
            "/events?on_conflict=name", json=_event("merged", unit=unit), headers=headers
        )
        assert answer.is_success, answer.text
        assert [event["unit"] for event in answer.json()] == [unit]
    assert len(api.as_role("viewer").get("/events?name=eq.merged").json()) == 1


def test_an_experiment_runs_and_is_stopped_once(api: Api) -> None:
    operator = api.as_role("operator")
    (run,) = operator.post("/experiments", json={"name": "run"}, headers=REPRESENTATION).json()
    assert run["stopped_at"] is None
    (stopped,) = operator.post("/rpc/stop_experiment", json={"experiment_id": run["id"]}).json()
    assert stopped["stopped_at"] > run["started_at"]
    again = operator.post("/rpc/stop_experiment", json={"experiment_id": run["id"]})
    assert (again.status_code, again.json()["message"]) == (409, f"Experiment {run['id']} was stopped before.")
    assert operator.post("/rpc/stop_experiment", json={"experiment_id": 999}).status_code == 404


def test_an_experiment_that_has_not_begun_is_not_stopped(api: Api) -> None:
    operator = api.as_role("operator")
    (run,) = operator.post(
        "/experiments", json={"name": "later", "started_at": "2099-01-01"}, headers=REPRESENTATION
    ).json()
    answer = operator.post("/rpc/stop_experiment", json={"experiment_id": run["id"]})
    message = f"Experiment {run['id']} has not begun; it starts at 2099-01-01 00:00:00+00."
    assert (answer.status_code, answer.json()["message"]) == (409, message)


def test_a_log_entry_says_who_wrote_it(api: Api) -> None:
    operator, controller = api.as_role("operator"), api.as_role("controller")
    assert operator.post("/log_entries", json={"message": "by hand"}).status_code == 201
    assert controller.post("/log_entries", json={"message": "by machine", "level": "warning"}).status_code == 201
    entries = operator.get("/log_entries?select=message,user_id,controller_id&source=is.null&order=id").json()
    assert [(e["user_id"] is not None, e["controller_id"] is not None) for e in entries] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize("body", ["", "{", "[]x", "\xff"])
def test_a_body_that_is_no_json(body: str, api: Api) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api.as_role("admin").post("/events", content=body.encode("latin-1"), headers=headers)
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "message", "details", "hint"}


def test_a_viewers_change_without_a_filter_reaches_itself_alone(api: Api) -> None:
    changed = api.as_role("viewer").patch("/users", json={"email": "only@me.example"}, headers=REPRESENTATION)
    assert len(changed.json()) == 1
