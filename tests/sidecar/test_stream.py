"""The live stream: what comes first, what comes to whom, and what comes after a break."""

import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from tests.sidecar.conftest import Door
from tests.sidecar.live import Live, asked, begun, closing_code, frame, next_value, point, told
from tests.support.people import People
from tests.support.sql import Sql


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    return Live(door.url, people, sql.superuser).listening()


@pytest.fixture
def sender(live: Live) -> Iterator[ClientConnection]:
    with live.telemetry(live.people.the("operator")) as socket:
        yield socket


def subscribe(socket: ClientConnection, **wish: object) -> None:
    """Returns when the sidecar has taken it."""
    socket.send(json.dumps({"type": "subscribe", **wish}))
    socket.send('{"type": "ping"}')
    while told(socket)["type"] != "pong":
        pass


def test_connected_and_the_newest_values_come_first(live: Live, sender: ClientConnection) -> None:
    event = live.event()
    asked(sender, frame(1, point(event, 1), point(event, 2)))
    with live.stream() as stream:
        connected, newest = begun(stream)
    assert connected["type"] == "connected"
    assert set(connected) == {"type", "epoch", "n"}
    assert [p["value"] for p in newest["datapoints"] if p["event_public_id"] == event] == [2]


def test_a_stored_point_arrives(live: Live, sender: ClientConnection) -> None:
    event = live.event()
    with live.stream() as stream:
        begun(stream)
        asked(sender, frame(1, point(event, 23.5, "2026-01-02T03:04:05.678901+01:00", quality=64)))
        message = told(stream)
    assert message["type"] == "datapoints_batch"
    assert message["datapoints"] == [
        {"event_public_id": event, "value": 23.5, "timestamp": "2026-01-02T02:04:05.678901Z", "quality": 64}
    ]


def test_what_psql_stores_arrives_too(live: Live, sql: Sql) -> None:
    event = live.event()
    with live.stream() as stream:
        begun(stream)
        sql.superuser.execute(
            "select private.ingest(array[null::int], array[id], array[192::smallint], array[now()], array[7::float8])"
            " from private.events where public_id = %s",
            (event,),
        )
        assert next_value(stream, event) == 7


def test_batches_are_numbered_without_gaps(live: Live, sender: ClientConnection) -> None:
    event = live.event()
    with live.stream() as stream:
        begun(stream)
        numbers = []
        for seq in range(5):
            asked(sender, frame(seq, point(event, seq)))
            numbers.append(told(stream)["n"])
    assert numbers == list(range(numbers[0], numbers[0] + 5))


def test_only_the_events_asked_for_arrive(live: Live, sender: ClientConnection) -> None:
    wanted, other = live.event(), live.event()
    with live.stream() as stream:
        begun(stream)
        subscribe(stream, events=[wanted])
        asked(sender, frame(1, point(other, 1)))
        asked(sender, frame(2, point(other, 2), point(wanted, 3)))
        assert [p["value"] for p in told(stream)["datapoints"]] == [3]


def test_widening_the_subscription_brings_the_newest_values(live: Live, sender: ClientConnection) -> None:
    first, second = live.event(), live.event()
    with live.stream() as stream:
        begun(stream)
        subscribe(stream, events=[first])
        asked(sender, frame(1, point(second, 5)))
        stream.send(json.dumps({"type": "subscribe", "events": [second]}))
        assert next_value(stream, second) == 5


def test_other_topics_bring_no_values(live: Live, sender: ClientConnection) -> None:
    event = live.event()
    with live.stream() as stream:
        begun(stream)
        subscribe(stream, topics=["alarm"])
        asked(sender, frame(1, point(event, 1)))
        assert asked(stream, '{"type": "ping"}') == {"type": "pong"}


def test_since_brings_what_was_missed_in_order(live: Live, sender: ClientConnection) -> None:
    event = live.event()
    with live.stream() as stream:
        connected, _ = begun(stream)
    for value in range(5):
        asked(sender, frame(value, point(event, value)))
    with live.stream() as stream:
        begun(stream)
        place = f"{connected['epoch']}:{connected['n']}"
        stream.send(json.dumps({"type": "subscribe", "events": [event], "since": place}))
        assert [next_value(stream, event) for _ in range(5)] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("place", ["otherwise:1", "{epoch}:999999999"])
def test_since_that_is_not_known_brings_reload_and_the_newest(live: Live, sender: ClientConnection, place: str) -> None:
    event = live.event()
    asked(sender, frame(1, point(event, 8)))
    with live.stream() as stream:
        connected, _ = begun(stream)
        stream.send(json.dumps({"type": "subscribe", "since": place.format(**connected)}))
        assert told(stream)["type"] == "reload"
        assert next_value(stream, event) == 8


def test_max_rate_ends_with_the_newest(live: Live, sender: ClientConnection) -> None:
    event = live.event()
    with live.stream() as stream:
        begun(stream)
        subscribe(stream, events=[event], max_rate=5)
        for value in range(200):
            asked(sender, frame(value, point(event, value)))
        seen = [next_value(stream, event)]
        while seen[-1] != 199:
            seen.append(next_value(stream, event))
    assert seen == sorted(seen)
    assert len(seen) < 200


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[]",
        "{}",
        '{"type": "shout"}',
        "[" * 10_000,
        '{"type": "subscribe", "events": ["x"]}',
        '{"type": "subscribe", "max_rate": 0}',
        '{"type": "subscribe", "since": "x"}',
    ],
    ids=lambda text: text[:40],
)
def test_a_message_that_is_not_understood_is_answered(live: Live, text: str) -> None:
    with live.stream() as stream:
        begun(stream)
        assert asked(stream, text)["type"] == "error"
        assert asked(stream, '{"type": "ping"}') == {"type": "pong"}


def test_a_forged_notification_does_no_harm(live: Live, sender: ClientConnection, sql: Sql) -> None:
    event = live.event()
    with live.stream() as stream:
        begun(stream)
        for payload in (
            "nonsense",
            "{}",
            '{"e":[1],"t":[1e300],"v":[1],"q":[1]}',
            '{"e":[1,2],"t":[1],"v":[1],"q":[1]}',
        ):
            sql.superuser.execute("select pg_notify('webmacs_datapoints', %s)", (payload,))
        asked(sender, frame(1, point(event, 1)))
        assert next_value(stream, event) == 1


def test_a_controller_does_not_read_the_stream(live: Live) -> None:
    with pytest.raises(InvalidStatus) as refused, live.stream(live.controller):
        pass
    assert refused.value.response.status_code == 403


def test_a_revoked_token_closes_the_stream_and_no_other(live: Live, sql: Sql, sender: ClientConnection) -> None:
    leaver, event = live.people.user("viewer"), live.event()
    with live.stream() as stays, live.stream(leaver) as leaves:
        begun(stays)
        begun(leaves)
        sql.superuser.execute("select private.revoke(%s)", (leaver.jti,))
        assert closing_code(leaves) == 1008
        asked(sender, frame(1, point(event, 4)))
        assert next_value(stays, event) == 4
