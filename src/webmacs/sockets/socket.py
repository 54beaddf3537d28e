"""An accepted WebSocket: text in, text out, and a way for others to close it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from starlette.types import Receive, Send

from webmacs.accounts.identity import Identity

# Seconds that a client has to take the frame that closes its socket.
CLOSING_SECONDS = 1.0


class DisconnectedError(Exception):
    """The client is gone."""


class Socket:
    """`identity` is who opened it; it is checked again while the socket is open."""

    def __init__(self, receive: Receive, send: Send, identity: Identity) -> None:
        self.identity = identity
        self._receive = receive
        self._send = send
        self._closing: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()

    async def receive(self) -> str:
        """The next message. Raises DisconnectedError."""
        event = await self._receive()
        if event["type"] != "websocket.receive":
            raise DisconnectedError
        text = event.get("text")
        if text is None:
            return bytes(event["bytes"]).decode("utf-8", "replace")
        return str(text)

    async def send(self, text: str) -> None:
        """Send a message; waits while the client does not take what was sent before. Raises DisconnectedError."""
        try:
            await self._send({"type": "websocket.send", "text": text})
        except OSError:  # uvicorn's ClientDisconnected is one
            raise DisconnectedError from None

    def close(self, code: int, reason: str) -> None:
        """Close it soon, from anywhere."""
        if not self._closing.done():
            self._closing.set_result((code, reason))

    async def run(self, *jobs: Coroutine[Any, Any, None]) -> None:
        """Run the jobs of this socket until one of them ends or somebody closes it."""
        tasks: list[asyncio.Future[Any]] = [asyncio.ensure_future(job) for job in jobs]
        try:
            done, _ = await asyncio.wait([*tasks, self._closing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        if self._closing in done:
            await self._say_goodbye(*self._closing.result())
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, DisconnectedError):
                raise result

    async def _say_goodbye(self, code: int, reason: str) -> None:
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self._send({"type": "websocket.close", "code": code, "reason": reason[:120]})
        except (OSError, TimeoutError, RuntimeError):
            return  # gone, or not reading (then TCP_USER_TIMEOUT ends it), or closed already
