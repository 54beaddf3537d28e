"""The telemetry socket: who may open it, what is acknowledged, what is refused and how it is named."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.sidecar.conftest import Door
from tests.sidecar.live import TELEMETRY, Live, asked, closing_code, frame, point, told
from tests.support.people import People
from tests.support.sql import Sql

STRANGER = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    return Live(door.url, people, sql.superuser)


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def test_a_stored_frame_is_acknowledged(live: Live) -> None:
    event = live.event()
    with live.telemetry() as socket:
        ack = asked(socket, frame(17, point(event, 23.5, ago(1))))
    assert ack == {"type": "ack", "seq": 17, "accepted": 1, "duplicates": 0, "rejected": [], "rejected_total": 0}
    assert live.values(event) == [23.5]


def test_the_same_frame_again_is_a_duplicate(live: Live) -> None:
    event = live.event()
    sent = point(event, 1.0, ago(1))
    with live.telemetry() as socket:
        asked(socket, frame(1, sent))
        ack = asked(socket, frame(2, sent))
    assert (ack["accepted"], ack["duplicates"], ack["rejected_total"]) == (0, 1, 0)
    assert live.values(event) == [1.0]


def test_without_seq_time_and_quality(live: Live) -> None:
    event = live.event()
    with live.telemetry() as socket:
        ack = asked(socket, frame(None, point(event, 1), point(event, 2), point(event, 3)))
    assert "seq" not in ack
    assert ack["accepted"] == 3
    assert live.values(event) == [1, 2, 3]


def test_what_is_refused_is_named_and_the_rest_is_stored(live: Live) -> None:
    mine, foreign = live.event(), live.event(live.people.controller())
    moment = ago(1)
    sent = [
        point(mine, 1, moment),
        point(mine, 2, moment),
        point(STRANGER, 1),
        point(foreign, 1),
        point(mine, float("nan")),
        point(mine, 1, "9999-12-31T23:59:59Z"),
        point(mine, 1, "1900-01-01T00:00:00Z"),
        point("no uuid", 1),
        point(mine, 5, quality=99_999),
        point(mine, 5, "yesterday"),
        {"event_public_id": mine, "value": "5"},
        {"event_public_id": mine, "value": True},
        {"event_public_id": mine},
        "nothing",
        point(mine, 9, ago(0.5)),
    ]
    with live.telemetry() as socket:
        ack = asked(socket, json.dumps({"seq": 3, "datapoints": sent}))
    reasons = {item["index"]: item["reason"] for item in ack["rejected"]}
    assert reasons == {
        1: "conflict",
        2: "unknown_event",
        3: "not_yours",
        4: "not_finite",
        5: "future",
        6: "out_of_horizon",
        **dict.fromkeys(range(7, 14), "malformed"),
    }
    assert (ack["accepted"], ack["rejected_total"]) == (2, 13)
    assert all(item["seq"] == 3 for item in ack["rejected"])
    assert ack["rejected"][1]["event_public_id"] == STRANGER
    assert live.values(mine) == [1, 9]


def test_an_ack_names_at_most_100_points(live: Live) -> None:
    with live.telemetry() as socket:
        ack = asked(socket, frame(1, *[point(STRANGER, n) for n in range(500)]))
    assert (len(ack["rejected"]), ack["rejected_total"]) == (100, 500)


def test_acks_that_cover_several_frames_sum_up(live: Live) -> None:
    event = live.event()
    total = 300
    with live.telemetry() as socket:
        for seq in range(1, total + 1):
            socket.send(frame(seq, point(event, seq, ago(1000 - seq))))
        accepted, last = 0, 0
        while last < total:
            ack = told(socket)
            assert ack["seq"] > last
            accepted, last = accepted + ack["accepted"], ack["seq"]
    assert accepted == total
    assert live.values(event) == list(range(1, total + 1))


def test_an_event_made_after_it_was_asked_for_is_found(live: Live) -> None:
    with live.telemetry() as socket:
        assert asked(socket, frame(1, point(STRANGER, 1)))["rejected_total"] == 1
        event = live.event()
        assert asked(socket, frame(2, point(event, 1)))["accepted"] == 1


def test_hello_is_answered_with_the_events_of_the_channels(live: Live) -> None:
    channel = {"id": "t", "name": "Temperature", "unit": "Cel", "min": 0, "max": 100, "direction": "input"}
    hello = {"type": "hello", "software": "x 1", "instances": [{"name": "a", "plugin": "p", "channels": [channel]}]}
    with live.telemetry() as socket:
        welcome = asked(socket, json.dumps(hello))
        event = next(e["event_public_id"] for e in welcome["events"] if e["channel"] == "t")
        ack = asked(socket, frame(1, point(event, 20)))
    assert welcome["type"] == "welcome"
    assert ack["accepted"] == 1


def test_a_hello_that_makes_no_sense_is_answered(live: Live) -> None:
    with live.telemetry() as socket:
        answer = asked(socket, '{"type": "hello", "instances": 5}')
        assert (answer["type"], answer["code"]) == ("error", "bad_hello")
        assert asked(socket, frame(1, point(live.event(), 1)))["accepted"] == 1


@pytest.mark.parametrize("role", ["operator", "admin"])
def test_people_who_may_write_can(live: Live, role: str) -> None:
    event = live.event()
    with live.telemetry(live.people.the(role)) as socket:
        assert asked(socket, frame(1, point(event, 1)))["accepted"] == 1


def test_a_viewer_is_refused(live: Live) -> None:
    with pytest.raises(InvalidStatus) as refused, live.telemetry(live.people.the("viewer")):
        pass
    assert refused.value.response.status_code == 403
    assert json.loads(bytes(refused.value.response.body or b""))["code"] == "forbidden"


@pytest.mark.parametrize("query", ["", "?token=", "?token=nonsense"])
def test_without_a_valid_token_it_is_refused(live: Live, query: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(live.url(TELEMETRY + query))
    assert refused.value.response.status_code == 401


def test_the_token_may_stand_in_the_header_or_the_query_and_is_not_logged(
    live: Live, caplog: pytest.LogCaptureFixture
) -> None:
    token = live.controller.token
    for url, headers in (
        (live.url(TELEMETRY), {"Authorization": f"Bearer {token}"}),
        (live.url(f"{TELEMETRY}?token={token}"), {}),
    ):
        with connect(url, additional_headers=headers) as socket:
            assert asked(socket, frame(1, point(live.event(), 1)))["accepted"] == 1
    assert token not in caplog.text


def test_a_revoked_token_closes_its_socket(live: Live, sql: Sql) -> None:
    controller = live.people.controller()
    with live.telemetry(controller) as socket:
        sql.superuser.execute("select private.revoke(%s)", (controller.jti,))
        assert closing_code(socket) == 1008


def test_an_expired_token_closes_its_socket(live: Live) -> None:
    with live.telemetry(live.people.controller(seconds=2)) as socket:
        assert closing_code(socket) == 1008
