"""Who asked for what, without anything secret."""

import logging
import time
from urllib.parse import quote

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webmacs.config import Config
from webmacs.metrics.traffic import Traffic
from webmacs.web.client_address import address_of

access = logging.getLogger("webmacs.access")


class AccessLog:
    """Middleware: one line for each request and each WebSocket, when it ends."""

    def __init__(self, app: ASGIApp, config: Config, traffic: Traffic) -> None:
        self._app = app
        self._traffic = traffic
        self._server = config.server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        status = 0

        async def noting_status(message: Message) -> None:
            nonlocal status
            if message["type"].endswith("response.start"):
                status = message["status"]
            elif message["type"] == "websocket.accept":
                status = 101
            await send(message)

        begin = time.perf_counter()
        try:
            await self._app(scope, receive, noting_status)
        finally:
            seconds = time.perf_counter() - begin
            if scope["type"] == "http":
                self._traffic.note(status, seconds)
            _write(address_of(HTTPConnection(scope), self._server) or "-", scope, status, seconds)


def _write(client: str, scope: Scope, status: int, seconds: float) -> None:
    """The path without its query: a token may stand there."""
    what = scope.get("method", "WS")
    level = logging.DEBUG if scope["path"] == "/health" else logging.INFO
    access.log(level, "%s %s %s %d %.1f ms", client, what, quote(scope["path"]), status, seconds * 1000)
