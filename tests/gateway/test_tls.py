"""What is spoken: TLS of our time, and HTTP/2."""

import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.gateway.conftest import Gateway
from webmacs.web import body_limit

Version = ssl.TLSVersion
# HTTP/2: the first bytes of a client, and what a frame is.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, RST_STREAM, GOAWAY = 0, 1, 4, 3, 7
END_STREAM, END_HEADERS = 1, 4


def connect(gateway: Gateway, lowest: Version, highest: Version, protocols: list[str]) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(gateway.config.gateway.certificate))
    # what this machine would not offer by itself is offered: the refusal is the server's
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = lowest, highest
    context.set_alpn_protocols(protocols)
    plain = socket.create_connection(("127.0.0.1", gateway.port), 30)
    return context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [Version.TLSv1, Version.TLSv1_1])
def test_old_versions_are_refused(version: Version, gateway: Gateway) -> None:
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol|version|alert"):
        connect(gateway, version, version, ["http/1.1"])


@pytest.mark.parametrize("version", [Version.TLSv1_2, Version.TLSv1_3])
def test_new_versions_with_forward_secrecy(version: Version, gateway: Gateway) -> None:
    with connect(gateway, version, version, ["h2", "http/1.1"]) as connection:
        cipher = connection.cipher()
        assert cipher is not None
        assert version == Version.TLSv1_3 or cipher[0].startswith("ECDHE-")
        assert "GCM" in cipher[0] or "CHACHA20" in cipher[0]
        assert connection.selected_alpn_protocol() == "h2"


def test_ciphers_without_forward_secrecy_are_refused(gateway: Gateway) -> None:
    context = ssl.create_default_context(cafile=str(gateway.config.gateway.certificate))
    context.maximum_version = Version.TLSv1_2
    context.set_ciphers("kRSA:AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0")
    with (
        socket.create_connection(("127.0.0.1", gateway.port), 30) as plain,
        pytest.raises(ssl.SSLError, match=r"(?i)handshake"),
    ):
        context.wrap_socket(plain, server_hostname="localhost")


def frame(kind: int, flags: int, stream: int, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body


def request_headers(method: bytes, path: bytes, port: int, *more: tuple[bytes, bytes]) -> bytes:
    """HPACK without its table of what was said before: each name and value as it is."""

    def literal(name: bytes, value: bytes) -> bytes:
        return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value

    fields = [(b":method", method), (b":scheme", b"https"), (b":path", path), (b":authority", b"localhost:%d" % port)]
    return b"".join(literal(*field) for field in [*fields, *more])


def frames(connection: ssl.SSLSocket) -> list[tuple[int, int, bytes]]:
    """Kind, stream and body of each frame, up to the end of stream 1."""
    found, buffer = [], b""
    while True:
        while len(buffer) >= 9 and len(buffer) >= 9 + (size := int.from_bytes(buffer[:3], "big")):
            kind, flags, stream = buffer[3], buffer[4], int.from_bytes(buffer[5:9], "big")
            found.append((kind, stream, buffer[9 : 9 + size]))
            buffer = buffer[9 + size :]
            if kind in (GOAWAY, RST_STREAM) or (stream == 1 and kind in (DATA, HEADERS) and flags & END_STREAM):
                return found
        piece = connection.recv(65536)
        if not piece:
            return found
        buffer += piece


@contextmanager
def spoken(trust: ssl.SSLContext, port: int) -> Iterator[ssl.SSLSocket]:
    """A connection by HTTP/2."""
    trust.set_alpn_protocols(["h2"])
    with socket.create_connection(("127.0.0.1", port), 30) as plain:
        yield trust.wrap_socket(plain, server_hostname="localhost")


def ends(connection: ssl.SSLSocket) -> bool:
    """Whether stream 1 is ended though its body comes byte by byte, before all of it has."""
    connection.settimeout(0.2)
    for _ in range(100):
        connection.sendall(frame(DATA, 0, 1, b" "))
        try:
            answered = frames(connection)
        except TimeoutError:
            continue
        return answered == [] or any(stream == 1 for _, stream, _ in answered)
    return False


def test_http_2(gateway: Gateway) -> None:
    with connect(gateway, Version.TLSv1_3, Version.TLSv1_3, ["h2"]) as connection:
        headers = frame(
            HEADERS, END_STREAM | END_HEADERS, 1, request_headers(b"GET", b"/app-config.json", gateway.port)
        )
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + headers)
        answered = frames(connection)
    first = next(body for kind, stream, body in answered if (kind, stream) == (HEADERS, 1))
    assert first[:1] == b"\x88"  # :status 200, by the static table
    body = b"".join(body for kind, stream, body in answered if (kind, stream) == (DATA, 1))
    assert body == f'{{"api":"{gateway.url}/api"}}'.encode()


def test_http_2_with_a_body_longer_than_it_says_is_no_second_request(gateway: Gateway) -> None:
    """Turned into HTTP/1.1 without a look, the rest would be one (H2.CL)."""
    smuggled = b"GET /auth/smuggled-by-h2 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    headers = request_headers(
        b"POST", b"/auth/login", gateway.port, (b"content-type", b"application/json"), (b"content-length", b"2")
    )
    with connect(gateway, Version.TLSv1_3, Version.TLSv1_3, ["h2"]) as connection:
        connection.sendall(
            PREFACE
            + frame(SETTINGS, 0, 0)
            + frame(HEADERS, END_HEADERS, 1, headers)
            + frame(DATA, END_STREAM, 1, b"{}" + smuggled)
        )
        frames(connection)
    assert "smuggled-by-h2" not in gateway.logs()


def test_a_body_by_http_2_that_never_ends_is_cut(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Apache's own limits are those of HTTP/1.1; it would let somebody send a byte now and then for ever."""
    monkeypatch.setattr(body_limit, "SECONDS", 0.5)
    headers = request_headers(
        b"POST", b"/auth/login", gateway.port, (b"content-type", b"application/json"), (b"content-length", b"1000")
    )
    with connect(gateway, Version.TLSv1_3, Version.TLSv1_3, ["h2"]) as connection:
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, headers))
        assert ends(connection)


@pytest.mark.parametrize(("path", "code"), [(b"/api/rpc/series", b"PGRST302"), (b"/auth/login", b"invalid_input")])
def test_a_refusal_waits_for_a_body_that_comes_a_little_later(path: bytes, code: bytes, gateway: Gateway) -> None:
    headers = request_headers(
        b"POST", path, gateway.port, (b"content-type", b"application/json"), (b"content-length", b"2")
    )
    with connect(gateway, Version.TLSv1_3, Version.TLSv1_3, ["h2"]) as connection:
        connection.sendall(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, headers))
        time.sleep(0.3)
        connection.sendall(frame(DATA, END_STREAM, 1, b"{}"))
        answered = frames(connection)
    assert code in b"".join(body for kind, stream, body in answered if (kind, stream) == (DATA, 1))
