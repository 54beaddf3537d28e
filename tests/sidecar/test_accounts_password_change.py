"""Changing one's own password."""

import json
import unicodedata

import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.database import Database
from tests.support.people import Caller, People
from webmacs.accounts.passwords import hash_password

NEW = "a quite different one"
WIDE = "".join(chr(ord(letter) + 0xFEE0) for letter in "passwordpassword")  # as some keyboards write it


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
        ("password-password", "too easy to guess"),
        ("weak weak weak weak", "too easy to guess"),
        ("iloveyou iloveyou", "too easy to guess"),
        ("monkeydragonmaster", "too easy to guess"),
        (WIDE, "too easy to guess"),
        ("\ufdfa" * 14, "at least 15 characters"),  # each is eighteen letters
    ],
)
def test_what_cannot_be_a_password(door: Door, ada: Caller, password: str, said: str) -> None:
    answer = door.post("/auth/password", {"old_password": PASSWORD, "new_password": password}, ada.token)
    assert answer.status_code == 422
    assert said in answer.json()["message"]
    assert password not in answer.text


def test_a_password_is_a_text(door: Door, ada: Caller) -> None:
    body = {"old_password": PASSWORD, "new_password": "half a pair \ud800 is no sign"}
    headers = {"Authorization": f"Bearer {ada.token}", "Content-Type": "application/json"}
    answer = door.client.post("/auth/password", content=json.dumps(body), headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (422, "A password must be valid Unicode.")


@pytest.mark.parametrize(
    "new", ["Konrad.Zuse.Berlin1", "zuse-konrad-webmacs", "z3.example.org-konrad", "password zuse konrad"]
)
def test_what_others_know_adds_nothing(door: Door, database: Database, people: People, new: str) -> None:
    one = people.user("operator", password_hash=hash_password(PASSWORD, 4))
    with database.connect() as connection:
        values = [f"konrad.zuse.berlin{one.id}", f"konrad{one.id}@z3.example.org", one.id]
        connection.execute("update private.users set username = %s, email = %s where id = %s", values)
    assert change(door, one.token, new=new) == 422


def test_one_full_of_signs_that_may_stand_for_letters_is_judged_in_time(door: Door, ada: Caller) -> None:
    """All of its characters would take so long that the process that judges them would be taken for dead."""
    assert change(door, ada.token, new="4@8({[<6913!1|0$57+%2" * 47) == 204


def test_a_program_changes_none(door: Door, ada: Caller, people: People) -> None:
    program = people.api_token(ada.name, "operator")
    answer = door.post("/auth/password", {"old_password": PASSWORD, "new_password": NEW}, program.token)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_session")
    assert door.login(ada.name).status_code == 200


def test_who_has_none_is_told_how_to_get_one(door: Door, people: People) -> None:
    answer = door.post("/auth/password", {"old_password": "", "new_password": NEW}, people.user().token)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_password")
    assert "one-time secret" in answer.json()["hint"]


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
    assert [change(door, ada.token, old="wrong password") for _ in range(11)] == [403] * 11
    later(database, -500)
    refused = door.post("/auth/password", {"old_password": PASSWORD, "new_password": NEW}, ada.token)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert int(refused.headers["Retry-After"]) > 0
    assert door.login(ada.name).status_code == 200
    later(database, 501)
    assert change(door, ada.token) == 204


def test_tries_of_weak_ones_are_counted(door: Door, ada: Caller, database: Database) -> None:
    assert [change(door, ada.token, new="passwordpassword") for _ in range(11)] == [422] * 11
    later(database, -500)
    assert change(door, ada.token) == 429


def later(database: Database, seconds: int) -> None:
    """As if attempts had been counted so much longer ago."""
    with database.connect() as connection:
        connection.execute(
            "update private.login_limits set counted_at = counted_at - make_interval(secs => %s)", [seconds]
        )


def test_a_controller_has_none(door: Door, people: People) -> None:
    assert change(door, people.the("controller").token) == 403
