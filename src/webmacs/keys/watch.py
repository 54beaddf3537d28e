"""Keeps the keys of a running sidecar as the folder has them, and the folder as the database wants it."""

import asyncio
import logging
from contextlib import suppress

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.database import Pool
from webmacs.keys.ring import Ring
from webmacs.problem import Problem

SECONDS = 60.0
RETIRED = "select kid from private.retired_keys(%s)"
ANNOUNCE = "select private.announce_keys()"

log = logging.getLogger(__name__)


class KeyWatch:
    """A retired key whose file is there (a retirement broken off, a backup put back) is removed here."""

    def __init__(self, pool: Pool, ring: Ring) -> None:
        self._pool = pool
        self._ring = ring
        self._due = asyncio.Event()

    def check_soon(self) -> None:
        """The files have changed, or may have while nobody listened."""
        self._ring.refresh()
        self._due.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS):
                    await self._due.wait()
            self._due.clear()
            self._ring.refresh()
            try:
                await self._remove_retired()
            except (psycopg.Error, PoolTimeout, Problem) as error:
                log.warning("Whether a key was retired cannot be found out or acted on now: %s", error)

    async def _remove_retired(self) -> None:
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(RETIRED, [self._ring.kids()])).fetchall()
            if rows:
                log.warning("removed %d keys that were retired", len(rows))
                self._ring.remove([kid for (kid,) in rows])
                await connection.execute(ANNOUNCE)
