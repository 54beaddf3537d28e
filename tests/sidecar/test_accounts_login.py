"""Logging in and out, through the door."""

from typing import Any

import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.database import Database
from tests.support.people import Caller, People
from tests.support.rest import Api


@pytest.mark.parametrize("login", ["{}", "{}@example.org"])
@pytest.mark.parametrize("change_case", [str.lower, str.upper])
def test_user_name_and_address_in_any_case(door: Door, ada: Caller, login: str, change_case: Any) -> None:
    answer = door.login(change_case(login.format(ada.name)))
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("bearer", 900)
    me = door.get("/auth/me", body["access_token"]).json()
    assert (me["username"], me["role"], me["kind"]) == (ada.name, "operator", "session")
    assert (me["email"], me["public_id"]) == (f"{ada.name}@example.org", str(ada.public_id))


def test_the_token_counts_at_the_rest_api_too(door: Door, ada: Caller, api: Api) -> None:
    rows = api.with_token(door.token_of(ada.name)).get("/me").json()
    assert [row["name"] for row in rows] == [ada.name]


def test_an_unknown_user_is_answered_like_a_wrong_password(door: Door, ada: Caller) -> None:
    wrong = door.login(ada.name, "wrong password")
    unknown = door.login("nobody at all", "wrong password")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "wrong_credentials"


def test_an_account_without_password_cannot_log_in(door: Door, people: People) -> None:
    assert door.login(people.user().name, "").status_code == 401


@pytest.mark.parametrize(
    "password", ["x" * 73, "nul\0nul", "ü" * 1000, PASSWORD + "\0", "x" + PASSWORD, PASSWORD.upper()]
)
def test_a_password_that_cannot_be_is_wrong(door: Door, ada: Caller, password: str) -> None:
    assert door.login(ada.name, password).status_code == 401


@pytest.mark.parametrize(
    ("state", "status", "code"), [("pending", 401, "wrong_credentials"), ("disabled", 403, "account_disabled")]
)
def test_the_state_is_told_only_with_the_right_password(
    door: Door, ada: Caller, database: Database, state: str, status: int, code: str
) -> None:
    with database.connect() as connection:
        connection.execute("update private.users set state = %s where id = %s", [state, ada.id])
    assert door.login(ada.name, "wrong password").json()["code"] == "wrong_credentials"
    refused = door.login(ada.name)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_logging_out_ends_the_token_everywhere_at_once(door: Door, ada: Caller, api: Api) -> None:
    token, other = door.token_of(ada.name), door.token_of(ada.name)
    assert api.with_token(token).get("/me").status_code == 200
    assert door.post("/auth/logout", token=token).status_code == 204
    assert door.get("/auth/me", token).status_code == 401
    assert api.with_token(token).get("/me").status_code == 401
    assert door.get("/auth/me", other).status_code == 200


def test_an_api_token_cannot_log_out(door: Door, ada: Caller, people: People) -> None:
    token = people.api_token(ada.name, "viewer").token
    refused = door.post("/auth/logout", token=token)
    assert (refused.status_code, refused.json()["code"]) == (400, "not_a_session")
    assert door.get("/auth/me", token).json()["kind"] == "api_token"


def test_a_controller_is_somebody_too(door: Door, people: People) -> None:
    me = door.get("/auth/me", people.the("controller").token).json()
    assert (me["role"], me["kind"], me["email"]) == ("controller", "controller_token", None)
