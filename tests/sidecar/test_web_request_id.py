"""Each answer carries the name of its request."""

import json
from uuid import UUID

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.sidecar.conftest import Door, bearer
from tests.support.people import People

HEADER = "X-Request-ID"


@pytest.mark.parametrize("name", ["a", "x" * 64, "Trace-1.2_3"])
def test_a_sane_one_is_taken_over(door: Door, name: str) -> None:
    assert door.client.get("/app-config.json", headers={HEADER: name}).headers[HEADER] == name


@pytest.mark.parametrize("name", ["", "x" * 65, "with space", "semi;colon", "<script>", "a\tb"])
def test_another_is_replaced(door: Door, name: str) -> None:
    UUID(door.client.get("/app-config.json", headers={HEADER: name}).headers[HEADER])


def test_without_one_each_request_gets_its_own(door: Door) -> None:
    assert door.get("/app-config.json").headers[HEADER] != door.get("/app-config.json").headers[HEADER]


@pytest.mark.parametrize("path", ["/auth/nothing", "/auth/me", "/health", "/docs"])
def test_every_answer_has_one(door: Door, path: str) -> None:
    UUID(door.get(path).headers[HEADER])


def test_a_websocket_handshake_has_one(door: Door, people: People) -> None:
    url = door.url.replace("http", "ws") + "/ws/datapoints/stream"
    token = people.the("viewer").token
    with connect(url, additional_headers={HEADER: "find-me", **bearer(token)}) as socket:
        assert socket.response is not None
        assert socket.response.headers[HEADER] == "find-me"


def test_a_refused_handshake_has_one_and_the_shape(door: Door) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(door.url.replace("http", "ws") + "/ws/nothing", additional_headers={HEADER: "find-me"})
    response = refused.value.response
    assert (response.status_code, response.headers[HEADER]) == (404, "find-me")
    assert json.loads(response.body or b"")["code"] == "not_found"
