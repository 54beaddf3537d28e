"""Asking for an account."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.database import Database
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from webmacs.config import Config


@pytest.fixture(scope="module")
def open_door(config: Config, people: People) -> Iterator[Door]:
    """A sidecar that lets strangers ask."""
    auth, server = replace(config.auth, registration=True), replace(config.server, port=free_port())
    with running_sidecar(replace(config, auth=auth, server=server)) as url:
        yield Door(url)


@pytest.fixture(autouse=True)
def _not_counted(database: Database) -> None:
    """What the test before has asked for."""
    with database.connect() as connection:
        connection.execute("delete from private.login_limits")


def body(username: str, **more: str) -> dict[str, str]:
    return {"username": username, "password": PASSWORD, **more}


def test_is_off_by_default(door: Door) -> None:
    refused = door.post("/auth/register", body("stranger"))
    assert (refused.status_code, refused.json()["code"]) == (403, "registration_off")


def test_waits_for_approval(open_door: Door, database: Database) -> None:
    made = open_door.post("/auth/register", body("grace", email="grace@example.org"))
    assert (made.status_code, made.json()) == (202, {"state": "pending"})
    assert open_door.login("grace").status_code == 401
    assert "approved" in open_door.login("grace").json()["hint"]
    with database.connect() as connection:
        connection.execute("update private.users set state = 'active' where username = 'grace'")
    assert open_door.get("/auth/me", open_door.token_of("grace")).json()["role"] == "viewer"


@pytest.mark.parametrize("again", [body("TAKEN"), body("other", email="ONE@example.org")])
def test_nobody_learns_what_is_taken(again: dict[str, str], open_door: Door, database: Database) -> None:
    first = open_door.post("/auth/register", body("taken", email="one@example.org"))
    answers = [open_door.post("/auth/register", wanted) for wanted in (again, body(f"free{len(again)}"))]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(202, first.json())] * 2
    logins = [open_door.login(name) for name in (again["username"], f"free{len(again)}", "nobody")]
    assert len({(answer.status_code, answer.text) for answer in logins}) == 1
    with database.connect() as connection:
        rows = connection.execute("select from private.users where lower(username) in ('taken', 'other')").fetchall()
    assert len(rows) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        body("x"),
        body("with space"),
        body("x" * 51),
        body("ümlaut"),
        body("nul\0"),
        body("fine", email="none"),
        body("fine", email="a@b" + "c" * 260),
        {**body("fine"), "password": "short"},
        {**body("fine"), "password": "passwordpassword"},
        {**body("konrad.zuse.berlin"), "password": "konrad.zuse.berlin"},
        {**body("fine", email="konrad.zuse@example.org"), "password": "konrad.zuse2026"},
        {**body("fine"), "role": "admin"},
        {"username": "fine"},
    ],
)
def test_what_cannot_be(open_door: Door, wrong: dict[str, str]) -> None:
    assert open_door.post("/auth/register", wrong).status_code == 422


def test_one_address_asks_for_so_many(open_door: Door, database: Database) -> None:
    asked = [open_door.post("/auth/register", body(f"many{number}")).status_code for number in range(11)]
    assert asked == [202] * 11
    with database.connect() as connection:
        connection.execute("update private.login_limits set counted_at = counted_at + interval '500 seconds'")
    refused = open_door.post("/auth/register", body("many"))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert int(refused.headers["Retry-After"]) > 0
    with database.connect() as connection:
        made = connection.execute("select count(*) from private.users where username ~ '^many'").fetchone()
    assert made == (11,)


def test_half_a_character_is_none(open_door: Door) -> None:
    half = json.dumps(body("half", email="\ud800@example.org"))
    answer = open_door.client.post("/auth/register", content=half, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["message"]) == (422, "email must be valid Unicode.")
