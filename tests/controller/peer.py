"""A server for the controller to talk to: a real WebSocket server that a test plays step by step."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

Message = dict[str, Any]
PATIENCE = 30.0
"""Seconds until a test that waits in vain fails."""


def event_id(instance: str, channel: str) -> str:
    return f"event:{instance}:{channel}"


class Connection:
    """One connection of the controller, as the server sees it."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self._heard: int | None = None

    @property
    def token(self) -> str:
        assert self.socket.request is not None
        return self.socket.request.headers["Sec-WebSocket-Protocol"].partition("bearer.")[2]

    async def receive(self) -> Message:
        async with asyncio.timeout(PATIENCE):
            return self._read(await self.socket.recv())

    def _read(self, text: str | bytes) -> Message:
        message: Message = json.loads(text)
        self._heard = message.get("seq", self._heard)
        return message

    async def frames(self) -> AsyncIterator[Message]:
        """Whatever else the controller sends, until it closes the connection."""
        async for frame in self.socket:
            yield self._read(frame)

    async def frames_until_cut(self) -> AsyncIterator[Message]:
        """As `frames`, of a controller that may be killed."""
        with suppress(ConnectionClosed):
            async for message in self.frames():
                yield message

    async def try_to_send(self, **message: Any) -> None:
        """As `send`, to a controller that may be dead."""
        with suppress(ConnectionClosed):
            await self.send(**message)

    async def send(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def hello(self) -> Message:
        message = await self.receive()
        assert message["type"] == "hello"
        return message

    async def welcome(self, disabled: tuple[str, ...] = (), **more: Any) -> Message:
        """Answer the hello with an event for each channel, and `more`."""
        hello = await self.hello()
        await self.answer(hello, disabled, **more)
        return hello

    async def answer(self, hello: Message, disabled: tuple[str, ...] = (), **more: Any) -> None:
        """As `welcome`, to a hello that has been received."""
        events = [
            {
                "instance": instance["name"],
                "channel": channel["id"],
                "event_public_id": event_id(instance["name"], channel["id"]),
                "enabled": channel["id"] not in disabled,
            }
            for instance in hello["instances"]
            for channel in instance["channels"]
        ]
        await self.send(**{"type": "welcome", "events": events, "config_version": 1, "controller": "test"} | more)

    async def ack(self, seq: int, **more: Any) -> None:
        await self.send(
            type="ack", seq=seq, **{"accepted": 0, "duplicates": 0, "rejected": [], "rejected_total": 0} | more
        )

    async def command(self, command_id: str, event: str, number: float, **more: Any) -> None:
        """Push a command to set `number`; it has a minute, unless `more` says otherwise."""
        await self.send(**self.order(command_id, event, number) | more)

    def order(self, command_id: str, event: str, number: float) -> Message:
        """A command as the server sends it, just after it read something."""
        _, instance, channel = event.split(":")
        fields = {"instance": instance, "channel": channel, "value": number, "ttl": 60, "interlocks": []}
        return {"type": "command", "id": command_id, "after_seq": self._heard, "after_seconds": 0, **fields}

    async def result(self) -> Message:
        """The next result of a command; frames before it are acknowledged."""
        return await self.next("command_result")

    async def next(self, kind: str) -> Message:
        """The next message of that type; frames before it are acknowledged."""
        while True:
            message = await self.receive()
            if message.get("type") == kind:
                return message
            if "seq" in message:
                await self.ack(message["seq"])

    async def close(self, code: int = 1000) -> None:
        await self.socket.close(code)

    def cut(self) -> None:
        """As a network that is gone: no closing handshake."""
        self.socket.transport.abort()

    async def closed(self) -> int:
        """Read on until the controller closes; the code it gives."""
        async with asyncio.timeout(PATIENCE):
            await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code


class Peer:
    """Gives each connection to the test. `refuse` is the HTTP status for the next ones, if it is not None."""

    def __init__(self) -> None:
        self.refuse: int | None = None
        self.attempts: asyncio.Queue[str] = asyncio.Queue()
        self._connections: asyncio.Queue[Connection] = asyncio.Queue()
        self._server: Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        port = next(iter(self._server.sockets)).getsockname()[1]
        return f"ws://127.0.0.1:{port}/ws/controller/telemetry"

    async def connection(self) -> Connection:
        """The next connection that the controller makes."""
        async with asyncio.timeout(PATIENCE):
            return await self._connections.get()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Peer"]:
        protocols = [Subprotocol("webmacs.v1")]
        async with serve(
            self._accept, "127.0.0.1", 0, subprotocols=protocols, process_request=self._request, close_timeout=1
        ) as self._server:
            yield self

    async def _accept(self, socket: ServerConnection) -> None:
        await self._connections.put(Connection(socket))
        try:
            await socket.wait_closed()
        except ConnectionClosed:
            return

    def _request(self, _socket: ServerConnection, request: Request) -> Response | None:
        self.attempts.put_nowait(request.headers["Sec-WebSocket-Protocol"])
        return None if self.refuse is None else Response(self.refuse, "refused", Headers(), b"")
