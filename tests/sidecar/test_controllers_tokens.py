"""A controller is given its next token over its socket, in time; the controller package keeps it."""

import json
from dataclasses import replace
from uuid import UUID

import pytest
from webmacs_controller.transport.protocol import Token, decode

from tests.sidecar.conftest import Door
from tests.sidecar.live import Live, Message, asked, frame, point, told
from tests.support.people import Caller, People
from tests.support.sql import Sql

HELLO = json.dumps({"type": "hello", "instances": []})


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    return Live(door.url, people, sql.superuser)


@pytest.fixture
def ageing(people: People, sql: Sql) -> Caller:
    """A controller whose token has little left of its life."""
    made = people.controller()
    sql.superuser.execute(
        "update private.credentials set created_at = now() - interval '300 days' where jti = %s", (made.jti,)
    )
    return made


def fresh_token(live: Live, controller: Caller) -> Message:
    """What comes after the welcome."""
    with live.telemetry(controller) as socket:
        assert asked(socket, HELLO)["type"] == "welcome"
        return told(socket)


def test_a_fresh_token_comes_in_time_and_counts(live: Live, door: Door, ageing: Caller) -> None:
    message = fresh_token(live, ageing)
    assert message["type"] == "token"
    assert isinstance(decode(json.dumps(message)), Token)  # as our own controller reads it
    renewed = replace(ageing, token=message["token"])
    for one in (ageing, renewed):
        me = door.get("/auth/me", one.token).json()
        assert (me["username"], me["kind"]) == (ageing.name, "controller_token")
    assert me["expires_at"][:19] == message["expires_at"][:19]
    with live.telemetry(renewed) as socket:
        assert asked(socket, HELLO)["type"] == "welcome"
        assert asked(socket, frame(1, point(str(UUID(int=0)), 1)))["type"] == "ack"  # and not another token


def test_a_controller_that_cannot_keep_it_gets_the_same_again(live: Live, people: People, ageing: Caller) -> None:
    tokens = [fresh_token(live, ageing)["token"] for _ in range(2)]
    assert len({people.tokens.verify(token)["jti"] for token in tokens}) == 1


def test_revoking_the_old_one_ends_the_fresh_one(live: Live, door: Door, sql: Sql, ageing: Caller) -> None:
    fresh = fresh_token(live, ageing)["token"]
    sql.superuser.execute("select private.revoke(%s)", (ageing.jti,))
    assert [door.get("/auth/me", token).status_code for token in (ageing.token, fresh)] == [401, 401]
