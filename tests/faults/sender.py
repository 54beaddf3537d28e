"""Sends frames as a controller does: again, until each one is acknowledged."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidMessage, WebSocketException
from websockets.typing import Subprotocol

Frame = list[dict[str, Any]]
GONE = (OSError, EOFError, WebSocketException, InvalidHandshake, InvalidMessage, TimeoutError)
RETRY_SECONDS = 0.02


@dataclass
class Sender:
    """Keeps `window` frames in flight; sends again what was not acknowledged when the connection was lost.

    `limit` is how many frames it may send so far, so that it is not done before what it is to live through.
    """

    url: str
    token: str
    frames: list[Frame]
    window: int = 40
    limit: int | None = None
    acknowledged: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    connections: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)
    socket: ClientConnection | None = None
    _progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def points_acknowledged(self) -> int:
        return sum(len(frame) for frame in self.frames[: self.acknowledged])

    async def run(self) -> None:
        """Until everything is acknowledged."""
        while self.acknowledged < len(self.frames):
            try:
                await self._connection()
            except GONE:
                await asyncio.sleep(RETRY_SECONDS)

    async def reached(self, share: float) -> None:
        """Wait until this share of the frames is acknowledged."""
        async with self._progress:
            await self._progress.wait_for(lambda: self.acknowledged >= share * len(self.frames))

    async def allow(self, share: float) -> None:
        """This share of the frames, but never the last, may be sent by now; without a call all may."""
        async with self._progress:
            self.limit = min(int(share * len(self.frames)), len(self.frames) - 1)
            self._progress.notify_all()

    async def allow_all(self) -> None:
        """Whatever is left may be sent."""
        async with self._progress:
            self.limit = None
            self._progress.notify_all()

    async def connected(self, times: int) -> None:
        """Wait until it has connected so often."""
        async with self._progress:
            await self._progress.wait_for(lambda: self.connections >= times)

    def cut(self) -> None:
        """Drop the connection without a word, as a network does."""
        if self.socket is not None:
            self.socket.transport.abort()

    async def _connection(self) -> None:
        protocols = [Subprotocol("webmacs.v1"), Subprotocol(f"bearer.{self.token}")]
        async with connect(
            f"ws://{self.url}/ws/controller/telemetry", subprotocols=protocols, ping_interval=None, proxy=None
        ) as self.socket:
            async with self._progress:
                self.connections += 1
                self._progress.notify_all()
            writer = asyncio.create_task(self._write(self.socket))
            try:
                await self._read(self.socket)
            finally:
                writer.cancel()
                await asyncio.gather(writer, return_exceptions=True)

    async def _write(self, socket: ClientConnection) -> None:
        for seq in range(self.acknowledged, len(self.frames)):
            await self._room_for(seq)
            await socket.send(json.dumps({"seq": seq, "datapoints": self.frames[seq]}))

    async def _room_for(self, seq: int) -> None:
        async with self._progress:
            await self._progress.wait_for(lambda: seq < self.acknowledged + self.window and self._may_send(seq))

    def _may_send(self, seq: int) -> bool:
        return self.limit is None or seq < self.limit

    async def _read(self, socket: ClientConnection) -> None:
        while self.acknowledged < len(self.frames):
            message = json.loads(await socket.recv())
            if message["type"] == "ack":
                await self._note(message)
            else:
                self.errors.append(message)

    async def _note(self, ack: dict[str, Any]) -> None:
        async with self._progress:
            self.acknowledged = ack["seq"] + 1
            self.accepted += ack["accepted"]
            self.duplicates += ack["duplicates"]
            self.rejected += ack["rejected_total"]
            self._progress.notify_all()
