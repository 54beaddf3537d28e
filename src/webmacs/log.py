"""Where log lines go and how they look; who asked for what, without anything secret."""

import logging
import sys
import time
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webmacs.web.request_id import current_request_id

FORMAT = "%(asctime)s %(levelname)-7s %(name)s [%(request_id)s] %(message)s"
# These would write addresses with their query, or headers, and with them tokens.
TALKATIVE = ("uvicorn.error", "uvicorn.access", "httpx", "httpcore", "websockets")

access = logging.getLogger("webmacs.access")


def configure_logging(level: str) -> None:
    """Send all lines of `level` (debug, info, warning, error) and above to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT))
    handler.addFilter(_add_request_id)
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_is_a_defect)


def _is_a_defect(record: logging.LogRecord) -> bool:
    """uvicorn takes for a defect of ours: a WebSocket that was refused with an error, an answer that we break off."""
    return record.msg not in (
        "ASGI callable returned without completing handshake.",
        "ASGI callable returned without completing response.",
    )


def _add_request_id(record: logging.LogRecord) -> bool:
    record.request_id = current_request_id()
    return True


class OneLine(logging.Formatter):
    """A message is one line, whatever a client put into it; only a trace has more."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name of logging
        record.message = "".join(c if c.isprintable() else repr(c)[1:-1] for c in record.message)
        return super().formatMessage(record)


class AccessLog:
    """Middleware: one line for each request and each WebSocket, when it ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
            _write(scope, status, time.perf_counter() - begin)


def _write(scope: Scope, status: int, seconds: float) -> None:
    """The path without its query: a token may stand there."""
    client = scope["client"][0] if scope.get("client") else "-"
    what = scope.get("method", "WS")
    level = logging.DEBUG if scope["path"] == "/health" else logging.INFO
    access.log(level, "%s %s %s %d %.1f ms", client, what, quote(scope["path"]), status, seconds * 1000)
