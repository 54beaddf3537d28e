"""Open sockets are closed when their token no longer counts: at revocation, at expiry, and every 30 seconds."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.database import Pool
from webmacs.datapoints.socket import Socket

SECONDS = 30.0
# The code of RFC 6455 for "violates policy".
POLICY = 1008
REFUSED = "select ordinal, reason from access.refused_claims(%s::json[])"

log = logging.getLogger(__name__)


class Watch:
    """All open sockets of this process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sockets: set[Socket] = set()
        self._due = asyncio.Event()
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def over(self, socket: Socket) -> Iterator[None]:
        """Watch `socket` meanwhile."""
        left = (socket.identity.expires_at - datetime.now(UTC)).total_seconds()
        expiry = asyncio.get_running_loop().call_later(
            min(max(left, 0.0), 86_400.0 * 365), socket.close, POLICY, "This token has expired."
        )
        self._sockets.add(socket)
        self._none.clear()
        try:
            yield
        finally:
            self._sockets.discard(socket)
            if not self._sockets:
                self._none.set()
            expiry.cancel()

    def check_soon(self) -> None:
        """A token was revoked, or may have been while nobody listened."""
        self._due.set()

    def close_all(self, code: int, reason: str) -> None:
        """Close every socket."""
        for socket in self._sockets:
            socket.close(code, reason)

    async def wait_until_closed(self) -> None:
        """Wait until no socket is open."""
        await self._none.wait()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS):
                    await self._due.wait()
            self._due.clear()
            try:
                await self._check()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("Open sockets cannot be checked now: %s", error)

    async def _check(self) -> None:
        sockets = list(self._sockets)
        if not sockets:
            return
        claims = [json.dumps(socket.identity.claims) for socket in sockets]
        async with self._pool.connection() as connection:
            refused = await (await connection.execute(REFUSED, [claims])).fetchall()
        for ordinal, reason in refused:
            sockets[ordinal - 1].close(POLICY, reason)
