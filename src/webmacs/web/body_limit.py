"""No request may be larger than what we are ready to hold in memory."""

import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT = 1024 * 1024
# Read their bodies piece by piece and have limits of their own.
STREAMED = re.compile(r"/import/datapoints|/plugins/packages|/ota/bundles/[^/]*")


class BodyLimit:
    """Middleware: 413 for a body above LIMIT bytes, at once if its length is announced, else when it is passed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or STREAMED.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("Content-Length", "0")
        announced = int(length) if length.isdecimal() else 0
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if max(announced, received) > LIMIT:
                raise HTTPException(413)
            return message

        await self._app(scope, counting, send)
