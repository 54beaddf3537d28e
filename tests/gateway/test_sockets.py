"""WebSockets through the gateway."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.gateway.conftest import Gateway
from tests.sidecar.live import STREAM, TELEMETRY, Live
from tests.support.database import Database


@contextmanager
def opened(gateway: Gateway, path: str, token: str) -> Iterator[ClientConnection]:
    protocols = [Subprotocol("webmacs.v1"), Subprotocol(f"bearer.{token}")]
    url = f"wss://localhost:{gateway.port}{path}"
    with connect(url, subprotocols=protocols, ssl=gateway.trust, proxy=None, open_timeout=30) as socket:
        yield socket


def told(socket: ClientConnection, kind: str) -> dict[str, object]:
    """The next message of this type."""
    while True:
        message: dict[str, object] = json.loads(socket.recv(30))
        if message["type"] == kind:
            return message


def test_a_value_on_its_way_from_a_controller_to_a_browser(gateway: Gateway, database: Database) -> None:
    with closing(database.connect()) as superuser:
        live = Live("", gateway.people, superuser)
        event = live.event()
        viewer = gateway.people.the("viewer").token
        with (
            opened(gateway, STREAM, viewer) as stream,
            opened(gateway, TELEMETRY, live.controller.token) as telemetry,
        ):
            assert stream.subprotocol == telemetry.subprotocol == "webmacs.v1"
            told(stream, "connected")
            stream.send(json.dumps({"type": "subscribe", "events": [event]}))
            stream.send('{"type": "ping"}')
            told(stream, "pong")
            point = {"event_public_id": event, "value": 0.5, "timestamp": datetime.now(UTC).isoformat()}
            telemetry.send(json.dumps({"seq": 1, "datapoints": [point]}))
            assert told(telemetry, "ack")["accepted"] == 1
            batch = told(stream, "datapoints_batch")
    assert [point["value"] for point in batch["datapoints"]] == [0.5]  # type: ignore[attr-defined]


def test_a_large_frame_passes_and_one_that_is_too_large_ends_the_socket(gateway: Gateway) -> None:
    with opened(gateway, TELEMETRY, gateway.people.the("controller").token) as telemetry:
        telemetry.send(" " * 1_000_000)
        assert told(telemetry, "error")
        with suppress(ConnectionClosed):  # it may be closed before all of it is sent
            telemetry.send(" " * 1_100_000)
        with pytest.raises(ConnectionClosed):
            told(telemetry, "never")


def test_a_token_that_does_not_count_is_refused_before_the_socket_opens(gateway: Gateway) -> None:
    with pytest.raises(InvalidStatus) as refused, opened(gateway, STREAM, "no.to.ken"):
        pass
    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body or b"")["code"] == "unauthorized"
    assert refused.value.response.headers["X-Request-ID"]


def test_a_token_in_the_query_stands_in_no_log(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "webmacs")
    token = gateway.people.the("viewer").token
    url = f"wss://localhost:{gateway.port}{STREAM}?token="
    with connect(f"{url}{token}", ssl=gateway.trust, proxy=None) as stream:
        told(stream, "connected")
    with pytest.raises(InvalidStatus), connect(f"{url}{token}x", ssl=gateway.trust, proxy=None):
        pass
    gateway.client.get(f"/health?token={token}")
    gateway.client.get(f"/%zz?token={token}")
    gateway.say(f"GET /nothing?token={token} HTTP/9.9\r\n\r\n".encode())
    gateway.say(f"GET /x?token={token}#a b HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    gateway.client.get(f"/health?{'a' * 9000}&token={token}")
    gateway.say(f"GET http://[::1?token={token} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    for address in (f"/%zz?token={token}", f"/x?token={token}#a b", f"http://[::1?token={token}", f"/?token={token}"):
        gateway.say_plainly(f"GET {address} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert token not in gateway.logs()
    assert token not in caplog.text
