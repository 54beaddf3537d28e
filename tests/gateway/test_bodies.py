"""How much a request may bring, and how slowly."""

import hashlib
import random
import ssl
import zipfile
from contextlib import closing

import pytest

from tests.gateway.conftest import LARGEST_PACKAGE, Gateway
from tests.gateway.test_sockets import opened, told
from tests.sidecar.live import STREAM
from tests.support.database import Database
from tests.support.packages import contents, file_name, packed

MIB = 1 << 20
SLOW = 40


def test_an_upload_of_200_mb(gateway: Gateway, database: Database) -> None:
    files = {**contents("lab-large"), "lab_large/data.bin": random.Random(200).randbytes(200 * MIB)}
    wheel = packed(files, method=zipfile.ZIP_STORED)
    assert len(wheel) > 200 * MIB
    headers = gateway.as_role("admin") | {"File-Name": file_name("lab-large")}
    answer = gateway.client.post("/plugins/packages", content=wheel, headers=headers, timeout=120)
    assert (answer.status_code, answer.json().get("sha256")) == (201, hashlib.sha256(wheel).hexdigest()), answer.text
    with closing(database.connect()) as superuser:
        superuser.execute("truncate private.plugin_package_pieces")


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/plugins/packages", LARGEST_PACKAGE * MIB),
        ("/ota/bundles/x", 500_000_000),
        ("/import/datapoints", 2048 * MIB),
        ("/api/events", 64 * MIB),
        ("/auth/login", MIB),
        ("/ota/uploads/x", MIB),
    ],
)
def test_a_body_that_says_how_much_too_large_it_is(path: str, most: int, gateway: Gateway) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost:{gateway.port}\r\nContent-Length: {most + 1}\r\n\r\n"
    said = gateway.say(head.encode() + b"x").decode()
    assert said.startswith("HTTP/1.1 413 "), said
    assert '"code":"too_large"' in said


@pytest.mark.parametrize("path", ["/auth/login", "/api/events", "/plugins/packages/1", "/ota/uploads/x"])
def test_a_body_that_does_not_say_its_length_is_taken_where_it_is_counted(path: str, gateway: Gateway) -> None:
    headers = gateway.as_role("admin") | {"Content-Type": "application/json"}
    answer = gateway.client.post(path, content=iter([b"{", b"}"]), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


@pytest.mark.parametrize("size", [MIB // 2, 50 * MIB])
@pytest.mark.parametrize("path", ["/plugins/packages", "/import/datapoints"])
def test_a_refusal_reaches_who_still_sends(path: str, size: int, gateway: Gateway) -> None:
    answer = gateway.client.post(path, content=b"x" * size)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", ["/plugins/packages", "/ota/bundles/x"])
def test_places_for_large_files_count_for_themselves(path: str, gateway: Gateway) -> None:
    answer = gateway.client.post(path, content=iter([b"x" * MIB] * 2), headers=gateway.as_role("admin"))
    assert answer.status_code not in (411, 413, 502, 503), answer.text


def test_an_upload_in_pieces(gateway: Gateway) -> None:
    lines = iter([b"event_public_id,timestamp,value\n", b"x,2026-01-01T00:00:00Z,1\n"])
    answer = gateway.client.post("/import/datapoints", content=lines, headers=gateway.as_role("admin"))
    assert answer.status_code not in (411, 413, 502), answer.text


def test_slow_clients_are_cut_and_nobody_waits_for_them(gateway: Gateway) -> None:
    """A slow-loris of many connections, in their headers and in their bodies; a silent WebSocket is none."""
    head = f"Host: localhost:{gateway.port}\r\nContent-Type: application/json\r\n"
    begun = [gateway.raw() for _ in range(SLOW)]
    with opened(gateway, STREAM, gateway.people.the("viewer").token) as silent:
        told(silent, "connected")
        for number, connection in enumerate(begun):
            body = f"POST /auth/login HTTP/1.1\r\n{head}Content-Length: 100\r\n\r\n{{"
            connection.sendall(body.encode() if number % 2 else f"GET / HTTP/1.1\r\n{head}X-a: b\r\n".encode())
            connection.settimeout(60)
        assert gateway.client.get("/app-config.json").is_success
        assert all(_is_open(connection) for connection in begun)  # answered before any of them was cut
        for connection in begun:
            _until_closed(connection)
        silent.send('{"type": "ping"}')
        told(silent, "pong")


def _is_open(connection: ssl.SSLSocket) -> bool:
    """Open, and without an answer."""
    patience = connection.gettimeout()
    connection.setblocking(False)
    try:
        connection.recv(1)
    except ssl.SSLWantReadError:
        return True
    finally:
        connection.settimeout(patience)
    return False


def _until_closed(connection: ssl.SSLSocket) -> None:
    """Raises TimeoutError where the server has patience without end."""
    while connection.recv(65536):
        pass


def test_files_beside_the_page_are_none_of_it(gateway: Gateway) -> None:
    outside = gateway.config.server.page / "link.txt"
    outside.symlink_to(gateway.folder / "config.toml")
    assert gateway.client.get("/link.txt").status_code in (403, 404)
    outside.unlink()
