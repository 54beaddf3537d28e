"""GET /metrics: where it is answered, that Prometheus can read it, and that the figures are right."""

import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from tests.sidecar.conftest import Door
from tests.sidecar.live import Live, told
from tests.support.database import Database
from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config
from webmacs.metrics.figure import Histogram, gauge, text

SAMPLE = re.compile(r'[a-z_]+(?:\{[a-z]+="[^"]*"\})? [0-9.e+-]+')


@pytest.fixture(scope="module")
def watched(config: Config) -> Config:
    return replace(config, server=replace(config.server, port=free_port(), metrics_port=free_port()))


@pytest.fixture(scope="module")
def door(watched: Config, people: People) -> Iterator[Door]:
    with running_sidecar(watched) as url:
        door = Door(url)
        yield door
        door.client.close()


def ask(config: Config) -> dict[str, float]:
    """Each sample by its name and labels."""
    answer = httpx.get(f"http://127.0.0.1:{config.server.metrics_port}/metrics", **PLAIN)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(line) for line in lines), lines
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


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
    assert during["webmacs_stream_clients"] == 1
    assert during["webmacs_points_waiting"] == 0


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
