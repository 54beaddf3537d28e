"""Changing one's own password."""

import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.people import Caller, People

NEW = "a quite different one"


def change(door: Door, token: str, old: str = PASSWORD, new: str = NEW) -> int:
    return door.post("/auth/password", {"old_password": old, "new_password": new}, token).status_code


def test_the_new_one_counts_and_other_sessions_end(door: Door, ada: Caller, people: People) -> None:
    mine, other = door.token_of(ada.name), door.token_of(ada.name)
    program = people.api_token(ada.name, "viewer").token
    assert change(door, mine) == 204
    assert door.login(ada.name).status_code == 401
    assert door.login(ada.name, NEW).status_code == 200
    assert door.get("/auth/me", mine).status_code == 200
    assert door.get("/auth/me", other).status_code == 401
    assert door.get("/auth/me", program).status_code == 200


def test_the_old_one_must_be_right(door: Door, ada: Caller) -> None:
    assert change(door, ada.token, old="wrong password") == 403
    assert door.login(ada.name).status_code == 200


@pytest.mark.parametrize(
    ("password", "said"),
    [("short", "at least 8 characters"), ("ü" * 37, "at most 72 bytes"), ("with\0nul!", "NUL")],
)
def test_what_cannot_be_a_password(door: Door, ada: Caller, password: str, said: str) -> None:
    answer = door.post("/auth/password", {"old_password": PASSWORD, "new_password": password}, ada.token)
    assert answer.status_code == 422
    assert said in answer.json()["message"]
    assert password not in answer.text


def test_72_bytes_are_taken_whole(door: Door, ada: Caller) -> None:
    longest = "x" * 71 + "y"
    assert change(door, ada.token, new=longest) == 204
    assert door.login(ada.name, longest).status_code == 200
    assert door.login(ada.name, "x" * 72).status_code == 401
    assert door.login(ada.name, longest + "z").status_code == 401


def test_a_controller_has_none(door: Door, people: People) -> None:
    assert change(door, people.the("controller").token) == 403
