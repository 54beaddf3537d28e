"""No request may be larger than what we are ready to hold in memory, nor keep a place by arriving slowly.

Of HTTP/1.1 a gateway sees to the time itself; of HTTP/2 Apache does not.
"""

import asyncio
import re

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LIMIT = 1024 * 1024
# For all of a body, and a second more for each LEAST_RATE bytes that have come.
SECONDS = 20.0
LEAST_RATE = 500
# Read their bodies piece by piece and have limits of their own.
STREAMED = re.compile(r"/import/datapoints|/plugins/packages|/ota/bundles/[^/]*")


class BodyLimit:
    """Middleware: 413 for a body above LIMIT bytes, at once if its length is announced, else when it is passed; 408 for
    one that takes too long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or STREAMED.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("Content-Length", "0")
        announced = int(length) if length.isdecimal() else 0
        received, ended = 0, False
        begin = asyncio.get_running_loop().time()

        async def counting() -> Message:
            nonlocal received, ended
            if ended:  # what else is to be heard is that the client leaves
                return await receive()
            try:
                async with asyncio.timeout_at(begin + SECONDS + received / LEAST_RATE):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408) from None
            received += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            if max(announced, received) > LIMIT:
                raise HTTPException(413)
            return message

        await self._app(scope, counting, send)
