"""Dashboards through the REST API: whose they are, who shares them, and two who change the same one."""

import itertools
from typing import Any

import httpx
import pytest

from tests.api.world import WIDGET
from tests.support.people import People
from tests.support.rest import Api

RETURN = {"Prefer": "return=representation"}
_numbers = itertools.count(1)


def _make(client: httpx.Client, **columns: object) -> dict[str, Any]:
    """A new dashboard, as the answer shows it."""
    answer = client.post("/dashboards", json={"name": f"board {next(_numbers)}", **columns}, headers=RETURN)
    assert answer.status_code == 201, answer.text
    (made,) = answer.json()
    assert isinstance(made, dict)
    return made


def _change(client: httpx.Client, made: dict[str, Any], **columns: object) -> httpx.Response:
    return client.patch(f"/dashboards?id=eq.{made['id']}", json=columns, headers=RETURN)


def _seen(client: httpx.Client, made: dict[str, Any]) -> bool:
    return bool(client.get(f"/dashboards?id=eq.{made['id']}").json())


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
def test_a_new_one_is_empty_and_its_makers_own(role: str, api: Api, people: People) -> None:
    made = _make(api.as_role(role))
    assert (made["widgets"], made["widget_count"], made["version"]) == ([], 0, 1)
    assert (made["shared"], made["own"], made["user_id"]) == (False, True, people.the(role).id)
    assert made["author"] == made["changed_by"] == people.the(role).name


@pytest.mark.parametrize(
    ("owner", "status"),
    [("viewer", 403), ("operator", 200), ("admin", 200)],
)
def test_operators_and_administrators_share(owner: str, status: int, api: Api) -> None:
    client = api.as_role(owner)
    made = _make(client)
    assert _change(client, made, shared=True, version=1).status_code == status
    assert _seen(api.as_role("viewer"), made) == (status == 200 or owner == "viewer")


def test_a_viewer_makes_no_shared_one(api: Api) -> None:
    answer = api.as_role("viewer").post("/dashboards", json={"name": "for all", "shared": True})
    assert answer.status_code == 403


@pytest.mark.parametrize(("other", "reads", "changes"), [("viewer", True, False), ("admin", True, True)])
def test_what_is_shared_is_read_by_all_and_changed_by_owner_and_admin(
    other: str, reads: bool, changes: bool, api: Api
) -> None:
    made = _make(api.as_role("operator"), shared=True, widgets=[WIDGET])
    client = api.as_role(other)
    assert _seen(client, made) == reads
    assert (_change(client, made, name=f"board {next(_numbers)}", version=1).json() != []) == changes
    assert (client.delete(f"/dashboards?id=eq.{made['id']}", headers=RETURN).json() != []) == changes


def test_its_owner_who_is_an_operator_no_more_changes_nothing_that_all_see(api: Api, people: People) -> None:
    made = _make(api.as_role("operator"), shared=True)
    name = people.the("operator").name
    token = people.api_token(name, "viewer").token
    as_viewer = api.with_token(token)
    assert _change(as_viewer, made, name="other", version=1).json() == []
    assert as_viewer.delete(f"/dashboards?id=eq.{made['id']}", headers=RETURN).json() != []


def test_of_two_who_change_the_same_the_second_is_told(api: Api, people: People) -> None:
    made = _make(api.as_role("operator"), shared=True)
    first = _change(api.as_role("operator"), made, widgets=[WIDGET], version=1)
    second = _change(api.as_role("admin"), made, widgets=[], version=1)
    assert (first.json()[0]["version"], first.json()[0]["widgets"]) == (2, [WIDGET])
    assert second.status_code == 409
    said = f"version is 2 by now: {people.the('operator').name} changed this dashboard meanwhile."
    assert second.json()["message"] == said
    assert _change(api.as_role("admin"), made, widgets=[], version=2).json()[0]["version"] == 3


def test_a_change_that_names_no_version_is_refused(api: Api) -> None:
    client = api.as_role("operator")
    made = _make(client)
    answer = _change(client, made, name="blind")
    assert answer.status_code == 428
    assert answer.json()["message"].startswith("version must be given")


def test_an_owner_has_each_name_once_and_others_have_it_too(api: Api) -> None:
    made = _make(api.as_role("viewer"))
    again = api.as_role("viewer").post("/dashboards", json={"name": made["name"].upper()})
    assert again.status_code == 409
    assert "name is taken by another dashboard of the same owner" in again.json()["message"]
    _make(api.as_role("operator"), name=made["name"])


def test_an_event_is_found_where_it_is_shown(api: Api) -> None:
    client = api.as_role("operator")
    shown = {**WIDGET, "type": "curve", "options": {"events": ["e-1", "e-2"]}}
    made = _make(client, widgets=[WIDGET, {**shown, "id": "b", "y": 4}])
    (found,) = client.get('/dashboard_widgets?options=cs.{"events":["e-2"]}').json()
    assert found == {"dashboard_id": made["id"], "place": 2, **shown, "id": "b", "y": 4}


def test_changes_are_audited(api: Api, people: People) -> None:
    client = api.as_role("operator")
    made = _make(client)
    _change(client, made, widgets=[WIDGET], version=1)
    lines = api.as_role("admin").get(f"/audit_log?table_name=eq.dashboards&row_id=eq.{made['id']}&order=id").json()
    assert [(line["operation"], line["actor"]) for line in lines] == [
        ("insert", people.the("operator").name),
        ("update", people.the("operator").name),
    ]
    assert (lines[1]["old"], lines[1]["new"]) == ({"widgets": []}, {"widgets": [WIDGET]})
