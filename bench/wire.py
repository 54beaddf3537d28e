"""A WebSocket client that costs little: frames are bytes, masked with zeros; nothing is validated."""

import asyncio
import base64
import os
import struct
from collections.abc import Callable
from typing import cast

TEXT, PING, PONG = 0x81, 0x89, 0x8A
ZERO_MASK = b"\0\0\0\0"


def frame(payload: bytes, kind: int = TEXT) -> bytes:
    """A frame as a client sends it."""
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", kind, 0x80 | length)
    elif length < 65536:
        head = struct.pack("!BBH", kind, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", kind, 0x80 | 127, length)
    return head + ZERO_MASK + payload


class Wire(asyncio.Protocol):
    """One connection; `on_text` gets the payload of each message."""

    def __init__(self, path: str, token: str, on_text: Callable[[bytes], None]) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost = asyncio.Event()
        self.transport: asyncio.Transport
        self._request = _request(path, token)
        self._on_text = on_text
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            self._read_response()
        else:
            self._read_frames()

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("refused"))

    def send(self, payloads: list[bytes]) -> None:
        """Send messages."""
        self.transport.write(b"".join(map(frame, payloads)))

    def _read_response(self) -> None:
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if separator:
            if b" 101 " not in head:
                self.opened.set_exception(ConnectionError(head.decode()))
                return
            self.opened.set_result(None)
            self._buffer = rest
            self._read_frames()

    def _read_frames(self) -> None:
        data, at = self._buffer, 0
        while at + 2 <= len(data):
            length, head = data[at + 1], 2
            if length == 126:
                length, head = int.from_bytes(data[at + 2 : at + 4]), 4
            elif length == 127:
                length, head = int.from_bytes(data[at + 2 : at + 10]), 10
            end = at + head + length
            if at + head > len(data) or end > len(data):
                break
            if data[at] == TEXT:
                self._on_text(data[at + head : end])
            elif data[at] == PING:  # the server parts with who does not answer
                self.transport.write(frame(data[at + head : end], PONG))
            at = end
        self._buffer = data[at:]


async def connect(port: int, path: str, token: str, on_text: Callable[[bytes], None]) -> Wire:
    """An open connection. Raises ConnectionError if it is refused."""
    loop = asyncio.get_running_loop()
    _, wire = await loop.create_connection(lambda: Wire(path, token, on_text), "127.0.0.1", port)
    await wire.opened
    return wire


def _request(path: str, token: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: webmacs.v1, bearer.{token}\r\n\r\n"
    ).encode()
