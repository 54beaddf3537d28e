"""Downloads that do not end as they should: who leaves, what fails in the middle, and how many there may be."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from urllib.parse import urlsplit

import httpx
import pytest

from tests.sidecar.conftest import Door, bearer
from tests.sidecar.plant import Event, Plant
from tests.support.people import Caller, People
from tests.support.sql import Sql
from webmacs.export import answer
from webmacs.web.app import EXPORTS

EXPORTING = (
    "select count(*) from pg_stat_activity where application_name = 'webmacs export' and datname = current_database()"
)
END_EXPORTS = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where application_name = 'webmacs export' and datname = current_database()"
)
PATIENCE = 20  # seconds
LAST_CHUNK = b"0\r\n\r\n"  # of an answer that is whole


@pytest.fixture(scope="module")
def plant(sql: Sql) -> Plant:
    return Plant(sql.superuser)


@pytest.fixture(scope="module")
def large(plant: Plant) -> Event:
    """Of more values than buffers between here and PostgreSQL hold."""
    event = plant.event()
    plant.fill(event, 300_000)
    return event


@pytest.fixture
def viewer(people: People) -> Caller:
    return people.the("viewer")


@contextmanager
def asked(door: Door, viewer: Caller, event: Event) -> Iterator[socket.socket]:
    """A download whose client waits for the first byte."""
    address = urlsplit(door.url)
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect((address.hostname, address.port))
        client.sendall(
            f"GET /export/datapoints?events={event.id} HTTP/1.1\r\nHost: sidecar\r\n"
            f"Authorization: Bearer {viewer.token}\r\n\r\n".encode()
        )
        yield client


@contextmanager
def begun(door: Door, viewer: Caller, event: Event) -> Iterator[socket.socket]:
    """A download of which the client has read the first bytes, and reads no more."""
    with asked(door, viewer, event) as client:
        assert client.recv(64).startswith(b"HTTP/1.1 200")
        yield client


def rest(client: socket.socket) -> bytes:
    """What comes until the connection is closed."""
    received = b""
    while piece := client.recv(1 << 20):
        received += piece
    return received


def exporting(plant: Plant) -> int:
    row = plant.superuser.execute(EXPORTING.encode()).fetchone()
    assert row is not None
    return int(row[0])


def until(true: Callable[[], bool]) -> None:
    """PostgreSQL tells nobody who disconnects, so it is asked."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_who_leaves_is_gone_from_the_database(door: Door, viewer: Caller, plant: Plant, large: Event) -> None:
    with begun(door, viewer, large):
        assert exporting(plant) == 1
    until(lambda: exporting(plant) == 0)


def test_no_transaction_lives_while_the_client_is_slow(door: Door, viewer: Caller, plant: Plant, large: Event) -> None:
    holding = EXPORTING + " and (backend_xmin is not null or xact_start is not null)"
    with begun(door, viewer, large):

        def idle() -> bool:
            row = plant.superuser.execute(holding.encode()).fetchone()
            return row == (0,)

        until(idle)
        assert exporting(plant) == 1
    until(lambda: exporting(plant) == 0)


def test_what_fails_in_the_middle_does_not_look_whole(
    door: Door, viewer: Caller, plant: Plant, large: Event, caplog: pytest.LogCaptureFixture
) -> None:
    with begun(door, viewer, large) as client:
        assert plant.superuser.execute(END_EXPORTS).rowcount == 1
        received = rest(client)
    assert not received.endswith(LAST_CHUNK)
    until(lambda: exporting(plant) == 0)
    # in one line, as no defect of ours; the line is the last word of PostgreSQL, or libpq's if it was not heard
    assert "an answer was broken off: " in caplog.text
    assert "Traceback" not in caplog.text
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_client_library_notices(door: Door, viewer: Caller, plant: Plant, large: Event) -> None:
    with door.client.stream("GET", f"/export/datapoints?events={large.id}", headers=bearer(viewer.token)) as answer:
        plant.superuser.execute(END_EXPORTS)
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()


def test_so_many_at_once_and_no_more(door: Door, viewer: Caller, plant: Plant, large: Event) -> None:
    with ExitStack() as stack:
        for _ in range(EXPORTS):
            stack.enter_context(begun(door, viewer, large))
        refused = door.get(f"/export/datapoints?events={large.id}", viewer.token)
        assert refused.status_code == 429
        assert refused.headers["Retry-After"]
        assert refused.json()["code"] == "too_many_at_once"
    until(lambda: exporting(plant) == 0)
    assert door.get(f"/export/datapoints?events={large.id}&to=2020-01-01", viewer.token).status_code == 200


LOCKED = EXPORTING + " and wait_event_type = 'Lock'"


def waiting(plant: Plant) -> int:
    """Exports that PostgreSQL works on and does not end."""
    row = plant.superuser.execute(LOCKED.encode()).fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def held(sql: Sql, table: str) -> Iterator[None]:
    """Nobody can read the table."""
    connection = sql.as_login("postgres")
    with connection.transaction():
        connection.execute(f"lock private.{table} in access exclusive mode".encode())
        yield


@pytest.mark.parametrize("table", ["events", "datapoints"])
def test_who_leaves_before_the_first_byte_is_gone_at_once(
    door: Door, viewer: Caller, plant: Plant, sql: Sql, large: Event, table: str
) -> None:
    """What PostgreSQL works on is cancelled, not waited for."""
    with held(sql, table):
        with asked(door, viewer, large):
            until(lambda: waiting(plant) == 1)
        until(lambda: exporting(plant) == 0)


def test_who_leaves_between_two_pages_is_gone_at_once(
    door: Door, viewer: Caller, plant: Plant, sql: Sql, large: Event
) -> None:
    with begun(door, viewer, large) as client, held(sql, "datapoints"):
        client.setblocking(False)

        def next_page_is_asked_for() -> bool:
            with suppress(BlockingIOError):
                client.recv(1 << 20)
            return waiting(plant) == 1

        until(next_page_is_asked_for)
        client.close()
        until(lambda: exporting(plant) == 0)


def test_a_revoked_token_gets_no_more(door: Door, people: People, plant: Plant, large: Event) -> None:
    viewer = people.user("viewer")
    with begun(door, viewer, large) as client:
        plant.superuser.execute("update private.credentials set revoked_at = now() where jti = %s", (viewer.jti,))
        received = rest(client)
    assert not received.endswith(LAST_CHUNK)
    until(lambda: exporting(plant) == 0)


def test_who_takes_nothing_more_loses_the_place(
    door: Door, viewer: Caller, plant: Plant, large: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "STALL", 0.5)
    with begun(door, viewer, large) as client:
        until(lambda: exporting(plant) == 0)
        assert not rest(client).endswith(LAST_CHUNK)
