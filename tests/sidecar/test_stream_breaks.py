"""Streams when something breaks: a client that stops reading, a LISTEN connection that is lost."""

import json
import socket as sockets
from collections.abc import Iterator
from dataclasses import replace

import pytest
from websockets.sync.client import ClientConnection

from tests.sidecar.live import CUT, SECONDS, Live, asked, begun, closing_code, frame, next_value, point, told
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

LISTEN = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'webmacs listen'"
LISTEN += " and datname = current_database()"
# Enough text to fill what the kernel and uvicorn take for a client that does not read.
ROUNDS, POINTS = 200, 500


@pytest.fixture(scope="module")
def live(config: Config, people: People, sql: Sql) -> Iterator[Live]:
    impatient = replace(config, stream=replace(config.stream, stall_seconds=1))
    with running_sidecar(impatient) as url:
        yield Live(url, people, sql.superuser)


@pytest.fixture
def patient(config: Config, people: People, sql: Sql) -> Iterator[Live]:
    """As it is unless somebody sets it: a busy machine stops nobody."""
    with running_sidecar(replace(config, server=replace(config.server, port=free_port()))) as url:
        yield Live(url, people, sql.superuser)


@pytest.fixture
def sender(live: Live) -> Iterator[ClientConnection]:
    with live.telemetry(live.people.the("operator")) as socket:
        yield socket


def test_a_lost_listen_connection_brings_reload_and_the_newest(live: Live, sender: ClientConnection, sql: Sql) -> None:
    event = live.event()
    with live.stream() as stream:
        connected, _ = begun(stream)
        asked(sender, frame(1, point(event, 1)))
        assert next_value(stream, event) == 1
        sql.superuser.execute(LISTEN)
        reload = told(stream)
        assert reload["type"] == "reload"
        assert reload["epoch"] != connected["epoch"]
        assert next_value(stream, event) == 1
        asked(sender, frame(2, point(event, 2)))
        assert next_value(stream, event) == 2


def test_a_client_that_stops_reading_costs_nobody_anything_and_is_closed(live: Live, sender: ClientConnection) -> None:
    event = live.event()
    with live.stream() as reader, live.stream() as stalled:
        begun(reader)
        begun(stalled)
        stalled.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        for number in range(ROUNDS):
            ack = asked(sender, frame(number, *[point(event, number * POINTS + n) for n in range(POINTS)]))
            assert ack["accepted"] == POINTS
            while next_value(reader, event) < number * POINTS:
                pass
        assert closing_code(stalled) in (1008, CUT)


def test_a_slow_client_ends_with_the_newest(patient: Live, sender: ClientConnection, live: Live) -> None:
    event = live.event()
    with patient.stream() as slow:
        begun(slow)
        for number in range(100):
            asked(sender, frame(number, *[point(event, number * POINTS + n) for n in range(POINTS)]))
        seen = 0
        while seen < 100 * POINTS - 1:
            seen = int(json.loads(slow.recv(timeout=SECONDS))["datapoints"][-1]["value"])
