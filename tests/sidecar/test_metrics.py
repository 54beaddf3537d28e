"""GET /metrics: where it is answered, that Prometheus can read it, and that the figures are right."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.sidecar.conftest import Door
from tests.sidecar.live import Live, told
from tests.sidecar.scrape import ask
from tests.support.database import Database
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config
from webmacs.metrics.figure import Histogram, gauge, text


@pytest.fixture(scope="module")
def watched(config: Config) -> Config:
    return replace(config, server=replace(config.server, port=free_port(), metrics_port=free_port()))


@pytest.fixture(scope="module")
def door(watched: Config, people: People) -> Iterator[Door]:
    with running_sidecar(watched) as url:
        door = Door(url)
        yield door
        door.client.close()


def test_it_is_told_at_its_own_port_alone(door: Door, watched: Config) -> None:
    assert door.get("/metrics").status_code == 404
    assert ask(watched)['webmacs_component_ok{component="database"}'] == 1


def test_without_a_port_nobody_is_told(config: Config, people: People) -> None:
    with running_sidecar(replace(config, server=replace(config.server, port=free_port()))) as url:
        assert Door(url).get("/metrics").status_code == 404


def test_values_commits_and_sockets_are_counted(door: Door, watched: Config, people: People, sql: Sql) -> None:
    live = Live(door.url, people, sql.superuser)
    event = live.event()
    before = ask(watched)
    with live.stream(), live.telemetry() as telemetry:
        point = {"event_public_id": event, "value": 0.5}
        for _ in range(3):
            telemetry.send(f'{{"datapoints": [{_json(point)}]}}')
            assert told(telemetry)["type"] == "ack"
        during = ask(watched)
    assert during["webmacs_points_stored_total"] - before["webmacs_points_stored_total"] == 3
    assert during["webmacs_commit_seconds_count"] - before["webmacs_commit_seconds_count"] == 3
    assert during['webmacs_commit_seconds_bucket{le="+Inf"}'] == during["webmacs_commit_seconds_count"]
    assert during["webmacs_telemetry_sockets"] == 1
    assert during["webmacs_points_waiting_limit"] == watched.ingest.queue_points
    assert during["webmacs_stream_clients"] == 1
    assert during["webmacs_points_waiting"] == 0


def test_refused_points_are_counted_by_reason(door: Door, watched: Config, people: People, sql: Sql) -> None:
    live = Live(door.url, people, sql.superuser)
    event = live.event()
    points = [
        {"event_public_id": event, "value": "x"},
        {"event_public_id": event, "value": 1, "timestamp": "2199-01-01T00:00:00Z"},
        {"event_public_id": event, "value": 1, "timestamp": "2026-01-01T00:00:00Z"},
    ]
    before = ask(watched)
    with live.telemetry() as telemetry:
        for _ in range(2):
            telemetry.send(json.dumps({"datapoints": points}))
            assert told(telemetry)["type"] == "ack"
    after = ask(watched)
    counted = {"malformed": 2, "future": 2, "duplicate": 1, "conflict": 0}
    for reason, number in counted.items():
        name = f'webmacs_points_refused_total{{reason="{reason}"}}'
        assert after[name] - before[name] == number, name


def test_requests_are_counted_by_status(door: Door, watched: Config) -> None:
    before = ask(watched)
    assert [door.get("/app-config.json").status_code, door.get("/auth/me").status_code] == [200, 401]
    after = ask(watched)
    # before counted the request that asked for it not yet
    assert after['webmacs_requests_total{status="2xx"}'] - before['webmacs_requests_total{status="2xx"}'] == 2
    assert after['webmacs_requests_total{status="4xx"}'] - before['webmacs_requests_total{status="4xx"}'] == 1
    assert after["webmacs_request_seconds_count"] - before["webmacs_request_seconds_count"] == 3
    assert after["process_resident_memory_bytes"] > 10_000_000
    assert after["process_open_fds"] < after["process_max_fds"]


def _json(point: dict[str, object]) -> str:
    return f'{{"event_public_id": "{point["event_public_id"]}", "value": {point["value"]}}}'


def test_what_is_open_in_the_database(door: Door, watched: Config, database: Database) -> None:
    with database.connect() as connection:
        connection.execute(
            "insert into private.webhooks (name, url, types, secret)"
            " values ('shift', 'https://a.example', '{alarm.raised}', private.new_webhook_secret())"
        )
        connection.execute(
            "insert into private.webhook_deliveries (webhook_id, type, content_type, body, created_at, due_at)"
            " select id, 'alarm.raised', 'application/json', '{}', now() - interval '90 seconds',"
            " now() + interval '1 hour' from private.webhooks where name = 'shift'"
        )
        found = ask(watched)
        assert found["webmacs_deliveries_waiting"] == 1
        assert 90 <= found["webmacs_deliveries_oldest_seconds"] < 600
        connection.execute("delete from private.webhooks where name = 'shift'")
    assert ask(watched)["webmacs_deliveries_oldest_seconds"] == 0
    for severity in ("low", "medium", "high", "critical"):
        assert found[f'webmacs_alarms{{severity="{severity}"}}'] == 0
        assert found[f'webmacs_alarms_unacknowledged{{severity="{severity}"}}'] == 0


def test_without_a_database_it_tells_what_it_knows(watched: Config, database: Database) -> None:
    settings = replace(watched.database, uri=database.server.uri("webmacs_sidecar", f"{database.name}_away"))
    server = replace(watched.server, port=free_port(), metrics_port=free_port())
    away = replace(watched, database=settings, server=server)
    with running_sidecar(away):
        found = ask(away)
    assert found['webmacs_component_ok{component="database"}'] == 0
    assert "webmacs_deliveries_waiting" not in found


def test_a_histogram_and_hostile_labels() -> None:
    histogram = Histogram(0.1, 1)
    for seconds in (0.05, 0.1, 0.5, 7):
        histogram.note(seconds)
    figure = histogram.figure("x_seconds", "Of x.")
    assert [value for _, _, value in figure.samples] == [2, 3, 4, pytest.approx(7.65), 4]
    assert text([gauge("y", "Of y.").add(1, z='a"b\\c\nd')]).splitlines()[-1] == 'y{z="a\\"b\\\\c\\nd"} 1'
