"""Which controllers are connected to this process, as the table of controllers shows it."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout

from webmacs.accounts.identity import Identity
from webmacs.database import Pool

SEEN = "select private.controller_seen(%s, %s)"
SECONDS = 30.0

log = logging.getLogger(__name__)


class Presence:
    """A controller is there as long as it has a socket."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sockets: Counter[int] = Counter()

    @asynccontextmanager
    async def of(self, identity: Identity) -> AsyncIterator[None]:
        """It is connected meanwhile; nothing is noted for a person's socket."""
        controller = identity.controller_id
        if controller is None:
            yield
            return
        self._sockets[controller] += 1
        await self._note(controller, connected=True)
        try:
            yield
        finally:
            self._sockets[controller] -= 1
            if not self._sockets[controller]:
                del self._sockets[controller]
                await self._note(controller, connected=False)

    async def run(self) -> None:
        """Note from time to time that they are still there; works until cancelled."""
        while True:
            await asyncio.sleep(SECONDS)
            for controller in list(self._sockets):
                await self._note(controller, connected=True)

    async def _note(self, controller: int, *, connected: bool) -> None:
        try:
            async with self._pool.connection() as connection:
                await connection.execute(SEEN, [controller, connected])
        except (psycopg.Error, PoolTimeout, PoolClosed) as error:
            log.warning("It cannot be noted that controller %d is connected (%s): %s", controller, connected, error)
