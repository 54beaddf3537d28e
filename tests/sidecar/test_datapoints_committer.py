"""Group commit over real sockets: floods, frames that PostgreSQL refuses, an end in order."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Queue

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from tests.sidecar.live import Live, asked, frame, point, told
from tests.support.people import People
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

FLOOD = 2000


@pytest.fixture
def live(config: Config, people: People, sql: Sql) -> Iterator[Live]:
    with running_sidecar(config) as url:
        yield Live(url, people, sql.superuser)


def times(count: int) -> list[str]:
    return [f"2026-01-01T00:{n // 60000:02}:{n // 1000 % 60:02}.{n % 1000:03}Z" for n in range(count)]


def accepted_until(socket: ClientConnection, last: int) -> int:
    """How many points were accepted when the frame `last` is acknowledged."""
    accepted, seq = 0, -1
    while seq < last:
        ack = told(socket)
        accepted, seq = accepted + ack["accepted"], ack["seq"]
    return accepted


def test_a_flood_that_reads_no_acks_loses_nothing_and_is_not_taken_for_dead(live: Live) -> None:
    event = live.event()
    with live.telemetry() as socket:
        for seq, moment in enumerate(times(FLOOD)):
            socket.send(frame(seq, point(event, seq, moment)))
        assert accepted_until(socket, FLOOD - 1) == FLOOD
    assert live.values(event) == list(range(FLOOD))


def test_a_small_socket_is_answered_in_the_middle_of_a_flood(live: Live) -> None:
    flooded, small = live.event(), live.event()
    stop = threading.Event()

    def flood() -> None:
        with live.telemetry() as socket, suppress(ConnectionClosed):
            reader = threading.Thread(target=lambda: [None for _ in socket])
            reader.start()
            while not stop.is_set():
                socket.send(frame(1, *[point(flooded, n) for n in range(1000)]))
            socket.close()
            reader.join()

    flooding = threading.Thread(target=flood)
    flooding.start()
    try:
        with live.telemetry() as socket:
            assert [asked(socket, frame(n, point(small, n)))["seq"] for n in range(20)] == list(range(20))
    finally:
        stop.set()
        flooding.join()


def test_a_frame_that_postgresql_refuses_harms_no_other(live: Live, sql: Sql) -> None:
    good, bad = live.event(), live.event()
    sql.superuser.execute(
        "create function private.trap() returns trigger language plpgsql as"
        f" $$ begin if new.event_id = (select id from private.events where public_id = '{bad}') then"
        " raise 'trapped'; end if; return new; end $$;"
        "create trigger trap before insert on private.datapoints for each row execute function private.trap()"
    )
    try:
        with live.telemetry() as socket:
            for seq in range(50):
                socket.send(frame(seq, point(bad if seq == 25 else good, seq, times(50)[seq])))
            answers = [told(socket)]
            while answers[-1].get("seq") != 49:
                answers.append(told(socket))
    finally:
        sql.superuser.execute("drop trigger trap on private.datapoints; drop function private.trap()")
    errors = [answer for answer in answers if answer["type"] == "error"]
    assert [(error["seq"], error["code"]) for error in errors] == [(25, "not_stored")]
    assert live.values(good) == [seq for seq in range(50) if seq != 25]


def test_at_the_end_all_is_acknowledged_before_the_socket_closes(config: Config, people: People, sql: Sql) -> None:
    ending = threading.Event()
    with running(config, ending) as url:
        live = Live(url, people, sql.superuser)
        event = live.event()
        with live.telemetry() as socket:
            for seq, moment in enumerate(times(500)):
                socket.send(frame(seq, point(event, seq, moment)))
            last = told(socket)["seq"]
            ending.set()
            with suppress(ConnectionClosed):
                while True:
                    last = told(socket)["seq"]
            assert socket.close_code == 1012
    assert live.values(event) == list(range(last + 1))


@contextmanager
def running(config: Config, ending: threading.Event) -> Iterator[str]:
    """A sidecar that stops in order when `ending` is set."""
    address: Queue[str] = Queue()

    def run() -> None:
        with running_sidecar(config) as url:
            address.put(url)
            ending.wait()

    thread = threading.Thread(target=run)
    thread.start()
    yield address.get()
    ending.set()
    thread.join()
