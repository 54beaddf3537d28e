"""Who refuses a request reads the rest of it all the same, for a while: else a gateway that still sends it gets an
error, and tells the client of that and not of the refusal."""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECONDS = 20.0
TOO_SLOW = 408


class WholeBody:
    """Middleware: the end of an answer waits for the end of the request, but not longer than SECONDS, and not for who
    was refused for being slow."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _brings_a_body(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        ended = False

        async def noting_the_end() -> Message:
            nonlocal ended
            message = await receive()
            ended = not message.get("more_body", False)
            return message

        async def after_the_end(message: Message) -> None:
            nonlocal ended
            ended = ended or message.get("status") == TOO_SLOW
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                with suppress(TimeoutError):
                    async with asyncio.timeout(SECONDS):
                        while not ended:
                            await noting_the_end()
            await send(message)

        await self._app(scope, noting_the_end, after_the_end)


def _brings_a_body(headers: Headers) -> bool:
    """And sends it unasked."""
    announced = headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers
    return announced and headers.get("Expect", "").lower() != "100-continue"
