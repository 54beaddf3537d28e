"""A name for each request: taken from the client or made here, in every answer and every line of the log."""

import re
from contextvars import ContextVar
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
STARTS = ("http.response.start", "websocket.accept", "websocket.http.response.start")

_current: ContextVar[str] = ContextVar("request_id", default="-")


def current_request_id() -> str:
    """The id of the request that this task serves, or "-"."""
    return _current.get()


class RequestId:
    """Middleware: names the request, and puts the name into the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        name = _name_of(scope)

        async def with_id(message: Message) -> None:
            if message["type"] in STARTS:
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        token = _current.set(name)
        try:
            await self._app(scope, receive, with_id)
        finally:
            _current.reset(token)


def _name_of(scope: Scope) -> str:
    wanted = Headers(scope=scope).get(HEADER, "")
    return wanted if SANE.fullmatch(wanted) else str(uuid4())
