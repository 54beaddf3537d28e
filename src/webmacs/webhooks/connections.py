"""Connections to other servers, kept for a while for the next call.

The pool of httpcore is not used: for each request it looks at every connection once for every other one, which at 64
idle connections cost four times what the request itself does; and a request that is cancelled while it waits there
takes a place in it for ever.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from httpcore import AsyncHTTPConnection, AsyncNetworkBackend, Origin, Request, Response

KEPT_SECONDS = 5.0


class Connections:
    """Makes connections through `backend`; over TLS they trust whom `tls` trusts."""

    def __init__(self, backend: AsyncNetworkBackend, tls: ssl.SSLContext) -> None:
        self._backend = backend
        self._tls = tls
        self._idle: list[AsyncHTTPConnection] = []  # the one that was used last is the last

    @asynccontextmanager
    async def response(self, request: Request) -> AsyncIterator[Response]:
        """The answer to `request`, its body still to be read. Raises what httpcore and the backend raise."""
        origin = request.url.origin
        connection = self._kept(origin) or self._new(origin)
        try:
            response = await connection.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()
        finally:
            await self._put_back(connection)

    async def close(self) -> None:
        """Close those that are kept."""
        while self._idle:
            await self._idle.pop().aclose()

    def _kept(self, origin: Origin) -> AsyncHTTPConnection | None:
        for place in range(len(self._idle) - 1, -1, -1):
            if self._idle[place].can_handle_request(origin) and not self._idle[place].has_expired():
                return self._idle.pop(place)
        return None

    def _new(self, origin: Origin) -> AsyncHTTPConnection:
        return AsyncHTTPConnection(
            origin, ssl_context=self._tls, keepalive_expiry=KEPT_SECONDS, network_backend=self._backend
        )

    async def _put_back(self, connection: AsyncHTTPConnection) -> None:
        """Keep it if it can be used again, and close those that nobody has used for long."""
        if connection.is_idle():
            self._idle.append(connection)
        else:
            await connection.aclose()
        while self._idle and self._idle[0].has_expired():
            await self._idle.pop(0).aclose()
