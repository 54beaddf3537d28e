"""Frames that mean harm: each is answered or closes its own socket, and nobody else notices."""

import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.sidecar.conftest import Door
from tests.sidecar.live import CUT, SECONDS, Live, asked, closing_code, frame, point
from tests.support.people import People
from tests.support.sql import Sql

DEEP = 10_000


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    return Live(door.url, people, sql.superuser)


@pytest.fixture(scope="module")
def event(live: Live) -> str:
    return live.event()


@pytest.fixture
def socket(live: Live) -> Iterator[ClientConnection]:
    with live.telemetry() as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nonsense", "not_json"),
        ("", "not_json"),
        ("[1, 2]", "not_an_object"),
        ("5", "not_an_object"),
        ("{}", "no_datapoints"),
        ('{"datapoints": []}', "no_datapoints"),
        ('{"datapoints": 5}', "no_datapoints"),
        ('{"seq": "x", "datapoints": [1]}', "bad_seq"),
        ('{"seq": 1.5, "datapoints": [1]}', "bad_seq"),
        ("[" * DEEP, "too_deep"),
        ('{"a":' * DEEP, "too_deep"),
        ('{"datapoints": ' + "[" * DEEP, "too_deep"),
        ('{"type": "reboot"}', "unknown_type"),
        ('{"seq": ' + "9" * 10_000 + ', "datapoints": [1]}', "not_json"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_not_understood_is_answered(socket: ClientConnection, event: str, text: str, code: str) -> None:
    answer = asked(socket, text)
    assert (answer["type"], answer["code"]) == ("error", code)
    assert answer["message"]
    assert asked(socket, frame(1, point(event, 1)))["accepted"] == 1


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_a_value_that_is_not_finite_is_refused(socket: ClientConnection, event: str, value: str) -> None:
    ack = asked(socket, f'{{"seq": 1, "datapoints": [{{"event_public_id": "{event}", "value": {value}}}]}}')
    assert [item["reason"] for item in ack["rejected"]] == ["not_finite"]


def test_an_integer_beyond_double_precision_is_malformed(socket: ClientConnection, event: str) -> None:
    text = f'{{"seq": 1, "datapoints": [{{"event_public_id": "{event}", "value": {"9" * 400}}}]}}'
    assert asked(socket, text)["rejected"][0]["reason"] == "malformed"


def test_a_lone_surrogate_comes_back_as_text(socket: ClientConnection) -> None:
    ack = asked(socket, r'{"seq": 1, "datapoints": [{"event_public_id": "\ud800", "value": 1}]}')
    assert ack["rejected"] == [{"seq": 1, "index": 0, "event_public_id": "?", "reason": "malformed"}]


def test_binary_frames_are_read_as_text(socket: ClientConnection, event: str) -> None:
    socket.send(frame(1, point(event, 1)).encode())
    assert json.loads(socket.recv(timeout=SECONDS))["accepted"] == 1
    socket.send(b"\xff\xfe")
    assert json.loads(socket.recv(timeout=SECONDS))["code"] == "not_json"


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000_000,
        json.dumps({"datapoints": [1] * 5001}),
        json.dumps({"datapoints": [1] * 1_000_000}),
        json.dumps({"datapoints": [{"event_public_id": "", "value": 1}] * 5001}),
    ],
    ids=["10 MB", "5001 points", "1 million points", "5001 well-formed points"],
)
def test_what_is_too_big_closes_the_socket(live: Live, event: str, text: str) -> None:
    with live.telemetry() as bystander, live.telemetry() as socket:
        with suppress(ConnectionClosed):
            socket.send(text)
        assert closing_code(socket) in (1009, CUT)  # cut, if more was on the way than the server reads
        assert asked(bystander, frame(1, point(event, 1)))["accepted"] == 1


def test_a_socket_that_breaks_off_leaves_nothing_behind(live: Live, event: str) -> None:
    with live.telemetry() as socket:
        socket.socket.shutdown(2)
    with live.telemetry() as socket:
        assert asked(socket, frame(1, point(event, 1)))["accepted"] == 1
