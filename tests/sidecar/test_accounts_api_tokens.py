"""Tokens for programs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import InvalidStatus

from tests.sidecar.conftest import Door
from tests.sidecar.live import Live, begun
from tests.support.people import Caller, People
from tests.support.ports import free_port
from tests.support.rest import Api
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    return Live(door.url, people, sql.superuser)


def test_acts_for_its_owner_with_its_role(door: Door, ada: Caller, api: Api) -> None:
    made = door.post("/auth/tokens", {"name": "export", "role": "viewer", "days": 7}, ada.token)
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
    assert refused.json()["hint"] == "Choose viewer or operator."


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
        {"name": "x", "days": 0},
        {"name": "x", "days": 3651},
        {"name": "x", "days": "7"},
        {"name": "x", "expires_in": 7},
        {"name": "x", "read_only": "yes"},
        {"name": "x", "user_id": 1},
    ],
)
def test_what_cannot_be(door: Door, ada: Caller, wrong: dict[str, object]) -> None:
    assert door.post("/auth/tokens", wrong, ada.token).status_code == 422


READ_ONLY = {"name": "dashboard", "role": "operator", "read_only": True}
WRITES = {
    "a password": ("/auth/password", {"old_password": "x", "new_password": "another long one"}),
    "an import": ("/import/datapoints", None),
    "a token": ("/auth/tokens", {"name": "child"}),
}


@pytest.mark.parametrize("what", WRITES)
def test_a_read_only_token_changes_nothing(what: str, door: Door, ada: Caller) -> None:
    token = door.post("/auth/tokens", READ_ONLY, ada.token).json()["access_token"]
    path, body = WRITES[what]
    assert door.post(path, body, token).status_code == 403


def test_a_read_only_token_watches_but_sends_no_values(door: Door, ada: Caller, live: Live) -> None:
    made = door.post("/auth/tokens", READ_ONLY, ada.token).json()
    assert made["read_only"] is True
    reader = replace(ada, token=made["access_token"])
    with live.stream(reader) as stream:
        begun(stream)
    with pytest.raises(InvalidStatus) as refused, live.telemetry(reader):
        pass
    assert refused.value.response.status_code == 403


def test_the_list_tells_what_may_only_read(door: Door, ada: Caller, api: Api) -> None:
    for read_only in (True, False):
        door.post("/auth/tokens", {"name": str(read_only), "read_only": read_only}, ada.token)
    rows = api.as_caller(ada).get("/api_tokens").json()
    assert {row["name"]: row["read_only"] for row in rows} == {"True": True, "False": False}


def test_no_longer_than_the_setting_says(config: Config, ada: Caller) -> None:
    short = replace(
        config, server=replace(config.server, port=free_port()), auth=replace(config.auth, api_token_days=30)
    )
    with running_sidecar(short) as url:
        door = Door(url)
        refused = door.post("/auth/tokens", {"name": "x", "days": 31}, ada.token)
        usual = door.post("/auth/tokens", {"name": "x"}, ada.token)
        door.client.close()
    assert (refused.status_code, refused.json()["code"]) == (422, "lasts_too_long")
    assert "30 days" in refused.json()["message"]
    assert datetime.fromisoformat(usual.json()["expires_at"]) < datetime.now(UTC) + timedelta(days=31)
