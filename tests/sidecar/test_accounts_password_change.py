"""Changing one's own password."""

import unicodedata

import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.database import Database
from tests.support.people import Caller, People
from webmacs.accounts.passwords import hash_password

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
    [
        ("short", "at least 15 characters"),
        ("o\u0308" * 10, "at least 15 characters"),  # ten letters on the screen
        ("x" * 1001, "at most 1000 characters"),
        ("passwordpassword", "too easy to guess"),
        ("P@ssw0rd!P@ssw0rd!", "too easy to guess"),
        ("123456789012345678", "too easy to guess"),
        ("qwertzuiopasdfgh", "too easy to guess"),
        ("webmacswebmacswebmacs", "too easy to guess"),
    ],
)
def test_what_cannot_be_a_password(door: Door, ada: Caller, password: str, said: str) -> None:
    answer = door.post("/auth/password", {"old_password": PASSWORD, "new_password": password}, ada.token)
    assert answer.status_code == 422
    assert said in answer.json()["message"]
    assert password not in answer.text


def test_ones_own_name_is_no_password(door: Door, people: People) -> None:
    one = people.user("operator", "konrad.zuse.berlin", hash_password(PASSWORD, 4))
    assert change(door, one.token, new="Konrad.Zuse.Berlin1") == 422


@pytest.mark.parametrize(
    "new",
    ["ein Satz mit nichts als Wörtern, lang genug " * 20, "four words\0with a nul", "🐎🔋📎🌡🧪🔭🧲🔬🪛🔧🛢🚰🧯🪣🧊🎛"],
)
def test_a_password_is_taken_whole(door: Door, ada: Caller, new: str) -> None:
    assert change(door, ada.token, new=new) == 204
    assert door.login(ada.name, new).status_code == 200
    assert door.login(ada.name, new[:-1]).status_code == 401


def test_however_a_keyboard_composes_a_letter(door: Door, ada: Caller) -> None:
    assert change(door, ada.token, new="grüne Tür im Büro nebenan") == 204
    decomposed = unicodedata.normalize("NFD", "grüne Tür im Büro nebenan")
    assert door.login(ada.name, decomposed).status_code == 200


def test_guesses_at_the_old_one_are_counted(door: Door, ada: Caller, database: Database) -> None:
    guesses = [change(door, ada.token, old="wrong password") for _ in range(12)]
    assert guesses == [403] * 11 + [429]
    refused = door.post("/auth/password", {"old_password": PASSWORD, "new_password": NEW}, ada.token)
    assert (refused.json()["code"], refused.headers["Retry-After"]) == ("too_many_attempts", "1")
    assert door.login(ada.name).status_code == 200
    with database.connect() as connection:
        connection.execute("update private.login_limits set counted_at = counted_at - interval '1 second'")
    assert change(door, ada.token) == 204


def test_a_controller_has_none(door: Door, people: People) -> None:
    assert change(door, people.the("controller").token) == 403
