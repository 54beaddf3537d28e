"""A stream outlives the access token that opened it: its client sends the session's next one."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jwt
import pytest
from websockets.sync.client import ClientConnection

from tests.sidecar.conftest import PASSWORD, Door
from tests.sidecar.live import Live, asked, begun, closing_code, frame, next_value, point
from tests.support.people import Caller, People
from tests.support.sql import Sql
from webmacs.accounts.passwords import hash_password


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    return Live(door.url, people, sql.superuser).listening()


@pytest.fixture
def sender(live: Live) -> Iterator[ClientConnection]:
    with live.telemetry(live.people.the("operator")) as socket:
        yield socket


def session_of(door: Door, people: People) -> tuple[Caller, dict[str, Any]]:
    """A viewer, and the answer to its login."""
    viewer = people.user("viewer", password_hash=hash_password(PASSWORD, 4))
    return viewer, door.login(viewer.name).json()


def test_the_next_access_token_keeps_a_stream_open(live: Live, door: Door, sender: ClientConnection) -> None:
    event = live.event()
    viewer, login = session_of(door, live.people)
    dying = dying_token(live.people, login["access_token"])
    with live.stream(replace(viewer, token=dying)) as kept, live.stream(replace(viewer, token=dying)) as closed:
        begun(kept), begun(closed)
        fresh = door.post("/auth/refresh", {"refresh_token": login["refresh_token"]}).json()["access_token"]
        assert asked(kept, json.dumps({"type": "token", "token": fresh})) == {"type": "token_accepted"}
        assert closing_code(closed) == 1008  # at the end of its token
        asked(sender, frame(1, point(event, 5)))
        assert next_value(kept, event) == 5


def dying_token(people: People, token: str) -> str:
    """The same, but it counts only for some seconds more."""
    claims = people.tokens.verify(token) | {"exp": int(time.time()) + 6}
    return jwt.encode(claims, people.tokens.keys.current.private, "RS256", headers={"kid": people.kid})


def test_a_stream_takes_no_token_of_another_session(live: Live, door: Door) -> None:
    viewer, login = session_of(door, live.people)
    other = door.login(viewer.name).json()["access_token"]
    with live.stream(replace(viewer, token=login["access_token"])) as stream:
        begun(stream)
        for token, code in (
            (other, "another_session"),
            ("x", "unauthorized"),
            (live.controller.token, "another_session"),
        ):
            assert asked(stream, json.dumps({"type": "token", "token": token}))["code"] == code
        assert asked(stream, '{"type": "ping"}') == {"type": "pong"}


def test_a_renewed_stream_is_closed_by_revocation_all_the_same(live: Live, door: Door, sql: Sql) -> None:
    viewer, login = session_of(door, live.people)
    with live.stream(replace(viewer, token=login["access_token"])) as stream:
        begun(stream)
        fresh = door.post("/auth/refresh", {"refresh_token": login["refresh_token"]}).json()["access_token"]
        asked(stream, json.dumps({"type": "token", "token": fresh}))
        assert door.post("/auth/logout", token=fresh).status_code == 204
        assert closing_code(stream) == 1008


@pytest.mark.parametrize(("role", "closed"), [("operator", True), ("viewer", False)])
def test_who_may_less_keeps_only_the_streams_of_tokens_below(role: str, closed: bool, live: Live, sql: Sql) -> None:
    ada = live.people.user("operator")
    lower = "update private.users set role = 'viewer' where id = %s"
    with live.stream(ada) as session, live.stream(live.people.api_token(ada.name, role)) as program:
        begun(session)
        begun(program)
        sql.superuser.execute(lower, (ada.id,))
        assert closing_code(session) == 1008
        if closed:
            assert closing_code(program) == 1008
        else:
            assert asked(program, '{"type": "ping"}') == {"type": "pong"}
