"""Setting a password with a one-time secret that an administrator has made."""

import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.database import Database
from tests.support.people import Caller, People
from tests.support.rest import Api

NEW = "a quite different one"


@pytest.fixture
def fresh(people: People) -> Caller:
    """A user without a password."""
    return people.user()


def secret_for(api: Api, user: Caller) -> str:
    answer = api.as_role("admin").post("/rpc/reset_password", json={"user_public_id": str(user.public_id)})
    assert answer.status_code == 200
    return str(answer.json()["secret"])


def reset(door: Door, secret: str, password: str = NEW) -> tuple[int, str | None]:
    answer = door.post("/auth/reset", {"secret": secret, "password": password})
    return answer.status_code, answer.json()["code"] if answer.content else None


def test_an_invitation(door: Door, api: Api) -> None:
    made = api.as_role("admin").post(
        "/users", json={"username": "mary", "role": "operator"}, headers={"Prefer": "return=representation"}
    )
    body = {"user_public_id": made.json()[0]["public_id"], "hours": 1}
    secret = api.as_role("admin").post("/rpc/reset_password", json=body).json()["secret"]
    assert reset(door, secret) == (204, None)
    assert door.login("mary", NEW).status_code == 200


def test_ends_every_session_and_its_refresh_tokens(door: Door, api: Api, ada: Caller, people: People) -> None:
    session = door.login(ada.name).json()
    program = people.api_token(ada.name, "viewer").token
    secret = secret_for(api, ada)
    assert door.get("/auth/me", session["access_token"]).status_code == 200
    assert reset(door, secret) == (204, None)
    assert door.get("/auth/me", session["access_token"]).status_code == 401
    assert door.post("/auth/refresh", {"refresh_token": session["refresh_token"]}).status_code == 401
    assert door.get("/auth/me", program).status_code == 200
    assert door.login(ada.name, PASSWORD).status_code == 401
    assert door.login(ada.name, NEW).status_code == 200


def test_once(door: Door, api: Api, fresh: Caller) -> None:
    secret = secret_for(api, fresh)
    assert reset(door, secret) == (204, None)
    assert reset(door, secret, "yet another one, later") == (403, "wrong_secret")


@pytest.mark.parametrize("password", ["short", "passwordpassword", "x" * 1001])
def test_a_password_that_cannot_be_leaves_the_secret(door: Door, api: Api, fresh: Caller, password: str) -> None:
    secret = secret_for(api, fresh)
    assert reset(door, secret, password)[0] == 422
    assert reset(door, secret) == (204, None)


@pytest.mark.parametrize("secret", ["", "x", "0" * 64, "nul\0", "ü" * 1000])
def test_secrets_that_there_are_not(door: Door, secret: str) -> None:
    assert reset(door, secret) == (403, "wrong_secret")


def test_wrong_secrets_are_counted_by_address(door: Door, api: Api, fresh: Caller, database: Database) -> None:
    secret = secret_for(api, fresh)
    with database.connect() as connection:
        connection.execute("delete from private.login_limits")
    assert [reset(door, "wrong")[0] for _ in range(22)] == [403] * 21 + [429]
    assert reset(door, secret) == (429, "too_many_attempts")
    with database.connect() as connection:
        connection.execute("update private.login_limits set counted_at = counted_at - interval '1 second'")
    assert reset(door, secret) == (204, None)


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_administrators_make_them(api: Api, fresh: Caller, role: str) -> None:
    body = {"user_public_id": str(fresh.public_id)}
    assert api.as_role(role).post("/rpc/reset_password", json=body).status_code == 403
