"""A full disk, at the telemetry socket: what is not stored is not acknowledged, and who knows how waits connected."""

import json
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from websockets.sync.client import ClientConnection

from tests.sidecar.conftest import Door, bearer
from tests.sidecar.live import Live, asked, closing_code, frame, point, told
from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

HELLO = json.dumps({"type": "hello", "config_version": 1, "plugins": [], "instances": [], "holds": True})


@pytest.fixture(scope="module")
def door(config: Config, people: People) -> Iterator[Door]:
    """A sidecar that does not see the disk, which is full because the tests say so."""
    storage = replace(config.storage, disk=config.folder / "no such folder")
    with running_sidecar(replace(config, storage=storage)) as url:
        door = Door(url)
        yield door
        door.client.close()


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    return Live(door.url, people, sql.superuser)


@pytest.fixture
def full(sql: Sql) -> Iterator[None]:
    sql.superuser.execute("update private.settings set no_room = 'The disk is 99 % full.'")
    yield
    has_room(sql)


def has_room(sql: Sql) -> None:
    sql.superuser.execute("update private.settings set no_room = null")


def hello(socket: ClientConnection) -> None:
    assert asked(socket, HELLO)["type"] == "welcome"


def test_from_the_hold_to_the_next_hello_nothing_is_taken(live: Live, full: None, sql: Sql) -> None:
    event = live.event()
    with live.telemetry() as socket:
        hello(socket)
        for seq in (1, 2, 3):
            socket.send(frame(seq, point(event, seq / 10)))
        hold = told(socket)
        assert (hold["type"], hold["seq"], hold["seconds"]) == ("hold", 1, 10)
        assert "disk" in hold["message"]
        has_room(sql)
        socket.send(frame(4, point(event, 0.4)))
        hello(socket)  # the next answer is to this: neither 2 to 4 nor another hold
        assert asked(socket, frame(5, point(event, 0.5)))["seq"] == 5
    assert live.values(event) == [0.5]


def test_it_is_held_again_while_there_is_no_room(live: Live, full: None) -> None:
    event = live.event()
    with live.telemetry() as socket:
        for seq in (1, 2):
            hello(socket)
            assert asked(socket, frame(seq, point(event, 0.5)))["type"] == "hold"


def test_who_does_not_know_of_that_is_to_connect_again(live: Live, full: None) -> None:
    event = live.event()
    with live.telemetry() as socket:
        for seq in (1, 2):
            socket.send(frame(seq, point(event, 0.5)))
        assert closing_code(socket) == 1013


def test_frames_without_numbers_are_answered_one_by_one(live: Live, full: None, sql: Sql) -> None:
    event = live.event()
    with live.telemetry() as socket:
        assert asked(socket, frame(None, point(event, 0.5)))["code"] == "no_room"
        has_room(sql)
        assert asked(socket, frame(None, point(event, 0.6)))["type"] == "ack"
    assert live.values(event) == [0.6]


def test_health_says_so_as_long_as_it_is_so(live: Live, door: Door, full: None, sql: Sql) -> None:
    event = live.event()
    with live.telemetry() as socket:
        asked(socket, frame(None, point(event, 0.5)))
        ingest = fresh(door)["components"]["ingest"]
        assert not ingest["ok"]
        assert "disk" in ingest["problem"]
        has_room(sql)
        asked(socket, frame(None, point(event, 0.6)))
    assert fresh(door)["components"]["ingest"]["ok"]


def fresh(door: Door) -> dict[str, dict[str, dict[str, str]]]:
    """Health found out now: an answer counts for two seconds."""
    at = door.get("/health").json()
    while (now := door.get("/health").json()) == at:
        pass
    found: dict[str, dict[str, dict[str, str]]] = now
    return found


def test_an_import_is_told_to_try_again(door: Door, live: Live, people: People, full: None) -> None:
    event = live.event()
    file = f"timestamp,event_public_id,value\n2026-01-05T12:00:00Z,{event},1\n"
    headers = bearer(people.the("operator").token) | {"Content-Type": "text/csv", "X-Request-ID": str(uuid4())}
    answer = httpx.post(f"{door.url}/import/datapoints", content=file, headers=headers, **PLAIN)
    body = answer.json()
    assert (answer.status_code, body["code"], body["message"]) == (503, "53100", "The disk is 99 % full.")
    assert body.keys() == {"code", "message", "details", "hint"}
    assert int(answer.headers["Retry-After"]) > 0
