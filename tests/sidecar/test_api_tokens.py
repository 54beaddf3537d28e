"""Tokens for programs."""

import pytest

from tests.sidecar.conftest import Door
from tests.support.people import Caller, People
from tests.support.rest import Api


def test_acts_for_its_owner_with_its_role(door: Door, ada: Caller, api: Api) -> None:
    made = door.post("/auth/tokens", {"name": "export", "role": "viewer", "expires_in": 7}, ada.token)
    assert made.status_code == 201
    token = made.json()["access_token"]
    me = door.get("/auth/me", token).json()
    assert (me["username"], me["role"], me["kind"]) == (ada.name, "viewer", "api_token")
    assert me["expires_at"][:10] == made.json()["expires_at"][:10]
    listed = api.as_caller(ada).get("/api_tokens").json()
    assert [(row["name"], row["jti"]) for row in listed] == [("export", made.json()["jti"])]
    assert api.as_caller(ada).post("/rpc/revoke", json={"jti": made.json()["jti"]}).is_success
    assert door.get("/auth/me", token).status_code == 401


def test_not_above_its_owner(door: Door, ada: Caller) -> None:
    refused = door.post("/auth/tokens", {"name": "export", "role": "admin"}, ada.token)
    assert refused.status_code == 403
    assert "operator" in refused.json()["message"]


def test_cannot_make_another(door: Door, ada: Caller, people: People) -> None:
    program = people.api_token(ada.name, "operator").token
    assert door.post("/auth/tokens", {"name": "child"}, program).status_code == 403


def test_not_for_controllers(door: Door, people: People) -> None:
    assert door.post("/auth/tokens", {"name": "x"}, people.the("controller").token).status_code == 403


@pytest.mark.parametrize(("name", "said"), [(" \t", "name must not be blank."), ("a\0", "NUL"), ("x" * 101, "100")])
def test_a_wrong_name_is_said_in_words(name: str, said: str, door: Door, ada: Caller) -> None:
    answer = door.post("/auth/tokens", {"name": name}, ada.token)
    assert answer.status_code == 422
    assert said in answer.json()["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 101},
        {"name": "x", "role": "controller"},
        {"name": "x", "expires_in": 0},
        {"name": "x", "expires_in": 3651},
        {"name": "x", "expires_in": "7"},
        {"name": "x", "user_id": 1},
    ],
)
def test_what_cannot_be(door: Door, ada: Caller, wrong: dict[str, object]) -> None:
    assert door.post("/auth/tokens", wrong, ada.token).status_code == 422
