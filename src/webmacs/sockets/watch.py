"""Open sockets are closed when their token no longer counts: at revocation, at expiry, and every 30 seconds.

A session's access token lasts minutes; its stream goes on because the client sends the next one over the socket.
"""

import asyncio
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.accounts.identity import Identity
from webmacs.database import Pool
from webmacs.sockets.socket import Socket

SECONDS = 30.0
# The code of RFC 6455 for "violates policy".
POLICY = 1008
REFUSED = "select ordinal, reason from access.refused_claims(%s::json[])"

log = logging.getLogger(__name__)


class Watch:
    """All open sockets of this process."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._expiries: dict[Socket, asyncio.TimerHandle] = {}
        self._due = asyncio.Event()
        self._none = asyncio.Event()
        self._none.set()

    @contextmanager
    def over(self, socket: Socket) -> Iterator[None]:
        """Watch `socket` meanwhile."""
        self._expiries[socket] = _closed_at_expiry(socket)
        self._none.clear()
        try:
            yield
        finally:
            self._expiries.pop(socket).cancel()
            if not self._expiries:
                self._none.set()

    def renew(self, socket: Socket, identity: Identity) -> None:
        """The socket, which is watched, goes on with a fresh token of the same session."""
        socket.identity = identity
        self._expiries[socket].cancel()
        self._expiries[socket] = _closed_at_expiry(socket)

    def check_soon(self) -> None:
        """A token was revoked, or may have been while nobody listened."""
        self._due.set()

    def close_all(self, code: int, reason: str) -> None:
        """Close every socket."""
        for socket in self._expiries:
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
        sockets = list(self._expiries)
        if not sockets:
            return
        claims = [json.dumps(socket.identity.claims) for socket in sockets]
        async with self._pool.connection() as connection:
            refused = await (await connection.execute(REFUSED, [claims])).fetchall()
        for ordinal, reason in refused:
            sockets[ordinal - 1].close(POLICY, reason)


def _closed_at_expiry(socket: Socket) -> asyncio.TimerHandle:
    left = socket.identity.claims["exp"] - time.time()
    return asyncio.get_running_loop().call_later(
        min(max(left, 0.0), 86_400.0 * 365), socket.close, POLICY, "This token has expired."
    )
