"""A web server that takes calls and answers 204 at once: what a webhook calls. Part of loads, not one itself."""

import asyncio
from collections.abc import Callable
from typing import cast

NO_CONTENT = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


class Receiver(asyncio.Protocol):
    """One connection; `on_call` gets the path, the `webhook-id` and the body of each request."""

    def __init__(self, on_call: Callable[[bytes, bytes, bytes], None]) -> None:
        self._on_call = on_call
        self._buffer = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            start, *lines = self._buffer[:end].split(b"\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
            length = int(headers.get(b"content-length", 0))
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            self._on_call(start.split(b" ")[1], headers.get(b"webhook-id", b""), body)
            self._transport.write(NO_CONTENT)


async def receive(port: int, on_call: Callable[[bytes, bytes, bytes], None]) -> asyncio.Server:
    """Serve on this port of 127.0.0.1."""
    return await asyncio.get_running_loop().create_server(lambda: Receiver(on_call), "127.0.0.1", port, backlog=1000)
