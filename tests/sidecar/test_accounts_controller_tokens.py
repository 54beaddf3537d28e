"""Tokens of controllers, made by administrators through the door."""

from uuid import uuid4

import pytest

from tests.sidecar.conftest import Door
from tests.support.people import People
from tests.support.rest import Api

PATH = "/auth/controller-tokens"


@pytest.fixture
def plant(api: Api) -> str:
    """A controller that an administrator has made known."""
    made = api.as_role("admin").post(
        "/controllers", json={"name": f"plant {uuid4()}"}, headers={"Prefer": "return=representation"}
    )
    return str(made.json()[0]["public_id"])


def test_it_counts_and_is_listed(door: Door, people: People, api: Api, plant: str) -> None:
    ada = people.user("admin")
    made = door.post(PATH, {"controller_public_id": plant}, ada.token)
    assert made.status_code == 201, made.text
    token = made.json()
    me = door.get("/auth/me", token["access_token"]).json()
    assert (me["kind"], me["role"]) == ("controller_token", "controller")
    listed = api.as_role("admin").get(f"/controller_tokens?controller_public_id=eq.{plant}").json()
    assert [(row["jti"], row["state"]) for row in listed] == [(token["jti"], "active")]
    assert api.as_role("admin").post("/rpc/revoke", json={"jti": token["jti"]}).is_success
    assert door.get("/auth/me", token["access_token"]).status_code == 401
    (row,) = api.as_role("admin").get(f"/controller_tokens?controller_public_id=eq.{plant}").json()
    assert row["state"] == "revoked"


@pytest.mark.parametrize("role", ["viewer", "operator", "controller"])
def test_only_administrators(role: str, door: Door, people: People, plant: str) -> None:
    token = people.the(role).token
    assert door.post(PATH, {"controller_public_id": plant}, token).status_code == 403


def test_not_by_a_program(door: Door, people: People, plant: str) -> None:
    program = people.api_token(people.user("admin").name, "admin").token
    assert door.post(PATH, {"controller_public_id": plant}, program).json()["code"] == "not_a_session"


@pytest.mark.parametrize(("given", "status"), [("6f0d3a52-4f0e-4f0c-8a52-2d6c5b0e9b11", 404), ("x", 422), (None, 422)])
def test_what_is_no_controller(given: str | None, status: int, door: Door, people: People) -> None:
    assert door.post(PATH, {"controller_public_id": given}, people.user("admin").token).status_code == status
