"""Partitions are made ahead of their time, at start and every hour, by whichever sidecars run."""

import asyncio
import logging

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.database import Pool

SECONDS = 3600.0
AGAIN = 60.0
KEEP = "select private.keep_partitions()"

log = logging.getLogger(__name__)


class Upkeep:
    """What the tables of datapoints need from time to time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._keep_partitions()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("Partitions cannot be made now: %s", error)
                await asyncio.sleep(AGAIN)
            else:
                await asyncio.sleep(SECONDS)

    async def _keep_partitions(self) -> None:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(KEEP)).fetchone()
        if row and row[0]:
            log.info("made %d partitions ahead of their time", row[0])
