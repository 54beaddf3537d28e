"""Which controllers are connected to this process, as the table of controllers shows it."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout

from webmacs.accounts.identity import Identity
from webmacs.database import Pool

REPORT = "select private.report_presence(%s, %s)"
# The database takes a controller for gone that nobody reports for 50 seconds.
SECONDS = 15.0
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Presence:
    """A controller is there as long as it has a socket.

    All of them are reported at each change and from time to time, so a report that fails is made good by the next.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sidecar = uuid4()
        self._sockets: Counter[int] = Counter()
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def of(self, identity: Identity) -> AsyncIterator[None]:
        """It is connected meanwhile; nothing is noted for a person's socket."""
        controller = identity.controller_id
        if controller is None:
            yield
            return
        self._sockets[controller] += 1
        self._changed.set()
        try:
            yield
        finally:
            self._sockets[controller] -= 1
            self._changed.set()

    async def run(self) -> None:
        """Report until cancelled."""
        while True:
            self._changed.clear()
            patience = SECONDS if await self.report() else RETRY_SECONDS
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._changed.wait()

    async def report(self) -> bool:
        """Say which controllers are there; whether that succeeded."""
        self._sockets = +self._sockets  # without those that have left
        try:
            async with self._pool.connection() as connection:
                await connection.execute(REPORT, [self._sidecar, list(self._sockets)])
        except (psycopg.Error, PoolTimeout, PoolClosed) as error:
            log.warning("It cannot be noted which controllers are connected: %s", error)
            return False
        return True
