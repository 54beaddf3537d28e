"""Asking for an account."""

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


def body(username: str, **more: str) -> dict[str, str]:
    return {"username": username, "password": PASSWORD, **more}


def test_is_off_by_default(door: Door) -> None:
    refused = door.post("/auth/register", body("stranger"))
    assert (refused.status_code, refused.json()["code"]) == (403, "registration_off")


def test_waits_for_approval(open_door: Door, database: Database) -> None:
    made = open_door.post("/auth/register", body("grace", email="grace@example.org"))
    assert (made.status_code, made.json()["state"]) == (201, "pending")
    assert open_door.login("grace").json()["code"] == "account_pending"
    with database.connect() as connection:
        connection.execute("update private.users set state = 'active' where username = 'grace'")
    me = open_door.get("/auth/me", open_door.token_of("grace")).json()
    assert (me["role"], me["public_id"]) == ("viewer", made.json()["public_id"])


def test_a_name_that_is_taken(open_door: Door) -> None:
    assert open_door.post("/auth/register", body("taken", email="one@example.org")).status_code == 201
    again = open_door.post("/auth/register", body("TAKEN"))
    assert (again.status_code, again.json()["message"]) == (409, "Username is taken.")
    address = open_door.post("/auth/register", body("other", email="ONE@example.org"))
    assert (address.status_code, address.json()["message"]) == (409, "Email is taken.")


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
        {**body("fine"), "role": "admin"},
        {"username": "fine"},
    ],
)
def test_what_cannot_be(open_door: Door, wrong: dict[str, str]) -> None:
    assert open_door.post("/auth/register", wrong).status_code == 422
