"""A server that takes webhooks, and misbehaves as its path asks for."""

import asyncio
import gzip
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

SECONDS = 20  # less than the sidecar's longest pause: what comes has been notified
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """A request as it came; `at` by the clock of the event loop."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class Receiver:
    """Where it listens, and what has come. The answers of /held, and all after `holds_after`, wait for `freed`."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    holds_after: int | None = None
    freed: asyncio.Event = field(default_factory=asyncio.Event)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, path: str, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    @property
    def counts(self) -> Counter[str]:
        """How often each message has come."""
        return Counter(request.message_id for request in self.requests)

    async def came(self, messages: int) -> None:
        """Wait until so many different messages have come."""
        async with self._came, asyncio.timeout(SECONDS):
            await self._came.wait_for(lambda: len(self.counts) >= messages)

    def let_go(self) -> None:
        """Hold back no answer any more."""
        self.holds_after = None
        self.freed.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):  # it ends with the test
            while True:
                request = await _request(reader)
                await self._note(request)
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                try:
                    await self._answer(request.path, writer)
                finally:
                    self.at_once -= 1
        writer.close()

    async def _note(self, request: Received) -> None:
        async with self._came:
            self.requests.append(request)
            self._came.notify_all()

    async def _answer(self, path: str, writer: asyncio.StreamWriter) -> None:
        if path.startswith("/held") or (self.holds_after is not None and len(self.requests) > self.holds_after):
            await self.freed.wait()
        await ANSWERS.get(path.partition("?")[0], _fine)(writer)
        await writer.drain()


async def _request(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(head[0].split(" ")[1], headers, body, asyncio.get_running_loop().time())


def response(status: int, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a whole answer; underscores of header names are hyphens."""
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
    return f"HTTP/1.1 {status} Said\r\nContent-Length: {len(body)}\r\n{''.join(lines)}\r\n".encode() + body


Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def _saying(content: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(content)

    return answer


_fine = _saying(response(200, b"fine"))


async def _dripping_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _drip(writer, b"X-More: x\r\n")


async def _dripping_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    await _drip(writer, b"x")


async def _drip(writer: asyncio.StreamWriter, drop: bytes) -> None:
    while not writer.is_closing():
        writer.write(drop)
        await writer.drain()
        await asyncio.sleep(0.05)


async def _endless_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x" * MEGABYTE)
        await writer.drain()


async def _endless_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"X-More: %b\r\n" % (b"x" * 10_000))
        await writer.drain()


async def _closing(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _fine_and_closing(writer: asyncio.StreamWriter) -> None:
    await _fine(writer)
    writer.close()


async def _cut_in_the_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 500 Oh\r\nContent-Length: 1000\r\n\r\nhalf")
    writer.close()


BOMB = gzip.compress(bytes(100 * MEGABYTE))
ANSWERS: dict[str, Answer] = {
    "/500": _saying(response(500, b"broken")),
    "/410": _saying(response(410)),
    "/204": _saying(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "/301": _saying(response(301, Location="http://169.254.169.254/latest/meta-data")),
    "/307": _saying(response(307, Location="/fine")),
    "/later": _saying(response(503, Retry_After="120")),
    "/dated": _saying(response(429, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")),
    "/never": _saying(response(429, Retry_After="9" * 18)),
    "/whenever": _saying(response(429, Retry_After="soon")),
    "/bomb": _saying(response(200, BOMB, Content_Encoding="gzip")),
    "/bytes": _saying(response(200, b"\x00\xff\xfe text")),
    "/long": _saying(response(200, b"y" * 5000)),
    "/garbage": _saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "/informed": _saying(b"HTTP/1.1 103 Early\r\n\r\n" + response(200, b"at last")),
    "/drip-headers": _dripping_headers,
    "/drip-body": _dripping_body,
    "/endless-body": _endless_body,
    "/endless-headers": _endless_headers,
    "/closes": _closing,
    "/bye": _fine_and_closing,
    "/cut": _cut_in_the_body,
}


@asynccontextmanager
async def receiver(tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[Receiver]:
    """A running one on 127.0.0.1."""
    made = Receiver()
    server = await asyncio.start_server(made.serve, "127.0.0.1", port, ssl=tls, backlog=1000)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.freed.set()
        server.close()
