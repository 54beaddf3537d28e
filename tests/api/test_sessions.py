"""Ending many sessions at once, and tokens that may only read."""

from dataclasses import dataclass

import pytest

from tests.support.people import Caller, People
from tests.support.rest import Api
from tests.support.sql import Sql

SESSION, OTHER, TOKEN = "session", "other session", "API token"


@dataclass(frozen=True)
class Somebody:
    """A user with two sessions and a program's token."""

    credentials: dict[str, Caller]

    @property
    def public_id(self) -> str:
        return str(self.credentials[SESSION].public_id)

    def ended(self, api: Api) -> set[str]:
        """Which of them no longer count, at the very next request."""
        return {name for name, one in self.credentials.items() if api.as_caller(one).get("/me").status_code == 401}


def somebody(people: People, role: str) -> Somebody:
    session = people.user(role)
    token = people.api_token(session.name, role)
    return Somebody({SESSION: session, OTHER: people.session(session.name), TOKEN: token})


@pytest.mark.parametrize("role", ["viewer", "operator", "admin"])
@pytest.mark.parametrize(
    ("arguments", "ended"),
    [
        ({}, {OTHER}),
        ({"but_this_one": False}, {SESSION, OTHER}),
        ({"but_this_one": None}, {OTHER}),
        ({"what": "api_tokens"}, {TOKEN}),
        ({"what": "everything"}, {OTHER, TOKEN}),
        ({"what": "everything", "but_this_one": False}, {SESSION, OTHER, TOKEN}),
    ],
)
def test_ones_own(role: str, arguments: dict[str, object], ended: set[str], api: Api, people: People) -> None:
    me = somebody(people, role)
    answer = api.as_caller(me.credentials[SESSION]).post("/rpc/revoke_all", json=arguments)
    assert (answer.status_code, answer.json()) == (200, len(ended))
    assert me.ended(api) == ended


@pytest.mark.parametrize(("role", "ended"), [("viewer", set()), ("operator", set()), ("admin", {SESSION, OTHER})])
@pytest.mark.parametrize("by", [SESSION, TOKEN])
def test_anothers(role: str, by: str, ended: set[str], api: Api, people: People) -> None:
    me, another = somebody(people, role), somebody(people, "viewer")
    answer = api.as_caller(me.credentials[by]).post("/rpc/revoke_all", json={"user_public_id": another.public_id})
    assert answer.is_success == bool(ended)
    assert answer.status_code in (200, 403, 404)
    assert another.ended(api) == ended
    assert me.ended(api) == set()


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_a_program_ends_not_all(role: str, api: Api, people: People) -> None:
    me = somebody(people, role)
    assert api.as_caller(me.credentials[TOKEN]).post("/rpc/revoke_all", json={}).status_code == 403
    assert me.ended(api) == set()


@pytest.mark.parametrize("what", ["", "session", None, "controller_tokens"])
def test_what_there_is_not(what: str | None, api: Api) -> None:
    answer = api.as_role("viewer").post("/rpc/revoke_all", json={"what": what})
    assert answer.status_code == 400
    assert answer.json()["message"] == "what must be sessions, api_tokens or everything."


def test_a_nobody(api: Api) -> None:
    nobody = {"user_public_id": "00000000-0000-0000-0000-000000000000"}
    assert api.as_role("admin").post("/rpc/revoke_all", json=nobody).status_code == 404


def test_the_list_says_which_session_asks(api: Api, people: People) -> None:
    me = somebody(people, "viewer")
    rows = api.as_caller(me.credentials[SESSION]).get("/sessions").json()
    assert {row["jti"]: row["is_current"] for row in rows} == {
        str(me.credentials[SESSION].jti): True,
        str(me.credentials[OTHER].jti): False,
    }


# Read-only tokens.

MAY = [("GET", "/events"), ("HEAD", "/events"), ("GET", "/")]
MAY_NOT = [
    ("POST", "/events", {"name": "x", "unit": "V", "min_value": 0, "max_value": 1}),
    ("POST", "/log_entries", {"message": "x"}),
    ("PATCH", "/events", {"unit": "A"}),
    ("PATCH", "/events?id=eq.0", {"unit": "A"}),
    ("PUT", "/events?id=eq.1", {"id": 1}),
    ("DELETE", "/log_entries", None),
    ("POST", "/rpc/ingest", {"points": []}),
    ("POST", "/rpc/set_value", {"event_id": 1, "value": 1}),
    ("POST", "/rpc/revoke_all", {}),
    ("POST", "/rpc/%69ngest", {"points": []}),
    ("POST", "/rpc/no_such_thing", {}),
]


@pytest.fixture(scope="module")
def reader(people: People) -> Caller:
    """A token that may only read, of somebody who may do everything."""
    return people.api_token(people.the("admin").name, "admin", read_only=True)


@pytest.mark.parametrize(("method", "path"), MAY)
def test_a_read_only_token_reads(method: str, path: str, api: Api, reader: Caller) -> None:
    assert api.as_caller(reader).request(method, path).is_success


@pytest.mark.parametrize(("method", "path", "body"), MAY_NOT, ids=str)
def test_a_read_only_token_writes_nothing(method: str, path: str, body: object, api: Api, reader: Caller) -> None:
    refused = api.as_caller(reader).request(method, path, json=body)
    assert refused.status_code in (403, 404), refused.text
    if refused.status_code == 403:
        assert refused.json()["message"] == "This token may only read."


def test_a_read_only_token_calls_what_only_reads(api: Api, reader: Caller) -> None:
    """It is the function that answers."""
    asked = {"event_ids": [0], "from": "2026-01-01", "to": "2026-02-01"}
    answer = api.as_caller(reader).post("/rpc/series", json=asked)
    assert answer.status_code == 404, answer.text


def test_the_transaction_itself_is_read_only(sql: Sql, reader: Caller) -> None:
    """Were a check forgotten, PostgreSQL refuses."""
    connection = sql.as_caller(reader)
    with connection.transaction():
        connection.execute("select set_config('request.method', 'GET', true), access.check_request()")
        row = connection.execute("select current_setting('transaction_read_only')").fetchone()
    assert row == ("on",)
