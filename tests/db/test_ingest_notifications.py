"""What those who listen are told: every stored point, once, in payloads that PostgreSQL carries."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.db.ingest import Ingest, Point, at
from tests.db.plant import Plant
from tests.support.people import People
from tests.support.postgres import Connection
from tests.support.sql import Sql

LIMIT = 8000


def _listen(sql: Sql, channel: str) -> Connection:
    connection = sql.as_login("webmacs_sidecar")
    connection.execute(f"listen {channel}".encode())
    return connection


def _payloads(listener: Connection) -> list[str]:
    """What has arrived since the last time; committed before this call, so nothing is waited for."""
    listener.execute("select 1")
    return [note.payload for note in listener.notifies(timeout=0)]


def _points(payloads: list[str]) -> list[tuple[int, int, float, int]]:
    bodies: list[dict[str, Any]] = [json.loads(payload) for payload in payloads]
    return [point for body in bodies for point in zip(body["e"], body["t"], body["v"], body["q"], strict=True)]


def _microseconds(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def test_every_stored_point_is_told_once(sql: Sql, ingest: Ingest, plant: Plant) -> None:
    event = plant.event()
    listener = _listen(sql, "webmacs_datapoints")
    ingest(Point(event, 0.1, at(0.000001), 64), Point(event, float("nan"), at(1)), Point(event, 2.0, at(2)))
    ingest(Point(event, 2.0, at(2)), Point(event, 3.0, at(3)), Point(event, 4.0, at(1)))
    assert _points(_payloads(listener)) == [
        (event, _microseconds(at(0.000001)), 0.1, 64),
        (event, _microseconds(at(2)), 2.0, 192),
        (event, _microseconds(at(1)), 4.0, 192),
        (event, _microseconds(at(3)), 3.0, 192),
    ]


def test_nothing_stored_nothing_told(sql: Sql, ingest: Ingest, plant: Plant) -> None:
    event = plant.event()
    ingest(Point(event))
    listener = _listen(sql, "webmacs_datapoints")
    ingest(Point(event), Point(event, 2.0), Point(None))
    assert _payloads(listener) == []


def test_the_widest_numbers_fit(sql: Sql, plant: Plant) -> None:
    event = 2_147_483_647
    sql.superuser.execute(
        "insert into private.events (id, name, unit, min_value, max_value) overriding system value"
        " values (%s, 'wide', 'V', 0, 1)",
        (event,),
    )
    listener = _listen(sql, "webmacs_datapoints")
    ingest = Ingest(sql.superuser)
    points = [Point(event, -1.7976931348623157e308, at(n + 0.123456), 255) for n in range(300)]
    assert ingest(*points) == {}
    payloads = _payloads(listener)
    assert max(len(payload.encode()) for payload in payloads) < LIMIT
    assert _points(payloads) == [(event, _microseconds(at(n + 0.123456)), points[0].value, 255) for n in range(300)]


def test_what_ends_a_token_is_told(sql: Sql, people: People) -> None:
    caller = people.user("viewer")
    listener = _listen(sql, "webmacs_revoked")
    for statement in (
        "update private.credentials set revoked_at = now() where user_id = %s",
        "update private.users set state = 'disabled' where id = %s",
        "delete from private.users where id = %s",
    ):
        sql.superuser.execute(statement.encode(), (caller.id,))
        assert set(_payloads(listener)) == {""}, statement


def test_a_disabled_controller_is_told(sql: Sql, people: People) -> None:
    controller = people.controller()
    listener = _listen(sql, "webmacs_revoked")
    sql.superuser.execute("select private.report_presence(gen_random_uuid(), array[%s::int])", (controller.id,))
    assert _payloads(listener) == []
    sql.superuser.execute("update private.controllers set enabled = false where id = %s", (controller.id,))
    assert _payloads(listener) == [""]


def test_a_change_of_events_is_told(sql: Sql, plant: Plant) -> None:
    event = plant.event()
    listener = _listen(sql, "webmacs_events")
    for statement in (
        "update private.events set name = 'renamed' where id = %s",
        "delete from private.events where id = %s",
    ):
        sql.superuser.execute(statement.encode(), (event,))
        assert set(_payloads(listener)) == {""}, statement
