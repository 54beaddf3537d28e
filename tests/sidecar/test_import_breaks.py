"""Uploads that do not end as they should: who leaves, who stalls, who loses the token, and how many there may be."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from urllib.parse import urlsplit

import pytest

from tests.sidecar.conftest import Door, bearer
from tests.sidecar.plant import Event, Plant
from tests.support.people import Caller, People
from tests.support.sql import Sql
from webmacs.web import upload
from webmacs.web.app import IMPORTS

PATIENCE = 20  # seconds
BATCH = 5000


@pytest.fixture(scope="module")
def plant(sql: Sql) -> Plant:
    return Plant(sql.superuser)


@pytest.fixture
def operator(people: People) -> Caller:
    return people.the("operator")


def lines(event: Event, first: int, count: int) -> bytes:
    """Values a second apart, beginning with this one."""
    seconds = range(first, first + count)
    return "".join(
        f"{event.name},2026-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z,{n}\n" for n in seconds
    ).encode()


def send(client: socket.socket, data: bytes) -> None:
    client.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")


@contextmanager
def begun(door: Door, caller: Caller) -> Iterator[socket.socket]:
    """An upload of which the header was sent."""
    address = urlsplit(door.url)
    with closing(socket.socket()) as client:
        client.settimeout(PATIENCE)
        client.connect((address.hostname, address.port))
        client.sendall(
            "POST /import/datapoints HTTP/1.1\r\nHost: sidecar\r\nTransfer-Encoding: chunked\r\n"
            f"Authorization: Bearer {caller.token}\r\n\r\n".encode()
        )
        send(client, b"event,timestamp,value\n")
        yield client


def until(true: Callable[[], bool]) -> None:
    """The sidecar tells nobody how far it has read, so it is asked."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Ended(logging.Handler):
    """Waits for the line that the access log has for an import."""

    def __init__(self) -> None:
        super().__init__()
        self.statuses: list[int] = []
        self._came = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if "/import/" in record.getMessage():
            self.statuses.append(record.args[3])  # type: ignore[index,arg-type]
            self._came.set()

    def wait(self) -> None:
        assert self._came.wait(PATIENCE)


@pytest.fixture
def ended() -> Iterator[Ended]:
    handler, logger = Ended(), logging.getLogger("webmacs.access")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.removeHandler(handler)


def _has_a_batch(plant: Plant, event: Event) -> bool:
    return len(plant.stored(event)) == BATCH


def test_who_leaves_keeps_what_was_stored(
    door: Door, operator: Caller, plant: Plant, ended: Ended, caplog: pytest.LogCaptureFixture
) -> None:
    """It is noted in the audit log, and is no defect."""
    event = plant.event()
    with begun(door, operator) as client:
        send(client, lines(event, 0, BATCH + 1))
    ended.wait()
    assert ended.statuses == [499]
    assert len(plant.stored(event)) == BATCH
    noted = "select new ->> 'datapoints' from private.audit_log where row_id = 'import' order by id desc limit 1"
    assert plant.superuser.execute(noted).fetchone() == (str(BATCH),)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_who_stalls_loses_the_place(door: Door, operator: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "STALL", 0.5)
    with begun(door, operator) as client:
        assert client.recv(64).startswith(b"HTTP/1.1 408")


def test_who_loses_the_token_stores_no_more(door: Door, people: People, plant: Plant) -> None:
    operator, event = people.user("operator"), plant.event()
    with begun(door, operator) as client:
        send(client, lines(event, 0, BATCH + 1))
        until(partial(_has_a_batch, plant, event))
        plant.superuser.execute("update private.credentials set revoked_at = now() where jti = %s", (operator.jti,))
        send(client, b"")
        assert b"The token was revoked meanwhile" in client.recv(1 << 16)
    assert len(plant.stored(event)) == BATCH


def test_so_many_at_once_and_no_more(door: Door, operator: Caller, plant: Plant) -> None:
    with ExitStack() as stack:
        for event in [plant.event() for _ in range(IMPORTS)]:
            client = stack.enter_context(begun(door, operator))
            send(client, lines(event, 0, BATCH + 1))
            until(partial(_has_a_batch, plant, event))
        refused = door.client.post("/import/datapoints", content=b"x", headers=bearer(operator.token))
        assert refused.status_code == 429
        assert refused.json()["code"] == "too_many_at_once"
