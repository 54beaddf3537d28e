"""Calls the database's clock every second. Whichever of several sidecars comes first does the work."""

import asyncio
import logging

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.database import Pool

SECONDS = 1.0
TICK = "select private.tick()"

log = logging.getLogger(__name__)


class Clock:
    """Delays of rules, data that fail to appear, commands that expire: all of it is one SQL function."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._problem: str | None = None

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                async with self._pool.connection() as connection:
                    await connection.execute(TICK)
            except (psycopg.Error, PoolTimeout) as error:
                self._note(str(error))
            else:
                self._problem = None
            await asyncio.sleep(SECONDS)

    def _note(self, problem: str) -> None:
        if self._problem != problem:
            log.warning("The clock stands still: %s", problem)
        self._problem = problem
