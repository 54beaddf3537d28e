"""When tokens were used, from where and with what; logins that failed; all through the public doors."""

from typing import Any

import httpx
import pytest

from tests.sidecar.conftest import PASSWORD, Door, bearer
from tests.sidecar.live import Live
from tests.support.people import Caller, People
from tests.support.plain import PLAIN
from tests.support.rest import Api
from tests.support.sql import Sql

SECONDS = 60
# The database says when somebody was noted; the payload is whose token it was.
TELL = (
    "create function tell_seen() returns trigger language plpgsql as"
    " 'begin perform pg_notify(''noted'', new.jti::text); return null; end'",
    "create trigger tell_seen after update of last_used_at on private.credentials"
    " for each row execute function tell_seen()",
    "listen noted",
)


class Noted:
    """Waits until the sidecar has noted the use of a token."""

    def __init__(self, sql: Sql) -> None:
        self._connection = sql.as_login("postgres")
        for statement in TELL:
            self._connection.execute(statement.encode())

    def wait(self, jti: object) -> None:
        """Until it is noted."""
        for notification in self._connection.notifies(timeout=SECONDS):
            if notification.payload == str(jti):
                return
        raise AssertionError("It was not noted.")


@pytest.fixture(scope="module")
def noted(sql: Sql) -> Noted:
    """Hears of what is noted."""
    return Noted(sql)


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    """Sockets of the sidecar, which listens to the database."""
    return Live(door.url, people, sql.superuser).listening()


def _place(sql: Sql, jti: object) -> tuple[Any, ...] | None:
    return sql.superuser.execute(
        "select host(last_used_address), last_used_agent, last_used_at is not null from private.credentials"
        " where jti = %s",
        (jti,),
    ).fetchone()


def test_a_login(door: Door, api: Api, noted: Noted, ada: Caller) -> None:
    answer = httpx.post(
        f"{door.url}/auth/login",
        json={"username": ada.name, "password": PASSWORD},
        headers={"User-Agent": "a browser"},
        **PLAIN,
    )
    token = answer.json()["access_token"]
    (current,) = [s for s in _sessions(api, token) if s["is_current"]]
    noted.wait(current["jti"])
    (current,) = [s for s in _sessions(api, token) if s["is_current"]]
    assert (current["last_used_address"], current["last_used_agent"]) == ("127.0.0.1", "a browser")
    (user,) = api.with_token(token).get("/users").json()
    assert (user["last_seen_address"], user["last_seen_agent"]) == ("127.0.0.1", "a browser")


def _sessions(api: Api, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.with_token(token).get("/sessions").json()
    return found


def test_a_request_to_the_sidecar(door: Door, sql: Sql, people: People, noted: Noted, ada: Caller) -> None:
    program = people.api_token(ada.name, "viewer")
    headers = {**bearer(program.token), "User-Agent": "a script"}
    httpx.get(f"{door.url}/auth/me", headers=headers, **PLAIN)
    noted.wait(program.jti)
    assert _place(sql, program.jti) == ("127.0.0.1", "a script", True)


def test_a_request_to_postgrest(live: Live, sql: Sql, people: People, api: Api, noted: Noted, ada: Caller) -> None:
    """It reads, so it cannot write itself; from where it was, PostgREST does not know."""
    program = people.api_token(ada.name, "viewer", read_only=True)
    assert api.with_token(program.token).get("/me").status_code == 200
    noted.wait(program.jti)
    assert _place(sql, program.jti) == (None, None, True)


def test_a_socket(live: Live, sql: Sql, people: People, noted: Noted) -> None:
    edge = people.controller()
    with live.telemetry(edge):
        noted.wait(edge.jti)
    place = sql.superuser.execute("select host(last_seen_address) from private.controllers where id = %s", (edge.id,))
    assert place.fetchone() == ("127.0.0.1",)


def test_forged_notifications(live: Live, sql: Sql, people: People, api: Api, noted: Noted, ada: Caller) -> None:
    """Nonsense does no harm, and the jti of a token that was ended says nothing."""
    ended, program = people.api_token(ada.name, "viewer"), people.api_token(ada.name, "viewer")
    sql.superuser.execute("select private.revoke(%s)", (ended.jti,))
    forger = sql.as_login("webmacs_reader")
    for payload in ("", "x", "0", "x" * 7000, "00000000-0000-0000-0000-000000000000", str(ended.jti)):
        forger.execute("select pg_notify('webmacs_seen', %s)", (payload,))
    api.with_token(program.token).get("/me")
    noted.wait(program.jti)
    assert _place(sql, ended.jti) == (None, None, False)


def test_a_login_that_fails(door: Door, api: Api, people: People, sql: Sql, ada: Caller) -> None:
    door.login(ada.name, "not my password")
    door.login("my secret password, in the wrong field", "x")
    sql.superuser.execute("update private.users set state = 'disabled' where id = %s", (ada.id,))
    door.login(ada.name)
    sql.superuser.execute("update private.users set state = 'pending' where id = %s", (ada.id,))
    door.login(ada.name)
    failures = api.as_role("admin").get("/login_failures?order=id.desc&limit=4").json()
    agent = door.client.headers["User-Agent"]
    assert [(f["user_public_id"], f["reason"], f["address"], f["agent"]) for f in reversed(failures)] == [
        (str(ada.public_id), "wrong_password", "127.0.0.1", agent),
        (None, "unknown_user", "127.0.0.1", agent),
        (str(ada.public_id), "disabled", "127.0.0.1", agent),
        (str(ada.public_id), "not_approved", "127.0.0.1", agent),
    ]
    written = sql.superuser.execute("select string_agg(f::text, ' ') from private.login_failures f").fetchone()
    assert written is not None
    assert "secret" not in written[0]
