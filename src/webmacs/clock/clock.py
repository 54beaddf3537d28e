"""Calls functions of the database every second. Whichever of several sidecars comes first does the work."""

import asyncio
import logging
from typing import LiteralString

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.database import Pool

SECONDS = 1.0
# Delays of rules, data that fail to appear, commands that expire: all of it is one SQL function.
TICK = "select private.tick()"
# Takes longer, and the clock must not wait for it.
REPORT_BACKLOGS = "select private.report_backlogs()"

log = logging.getLogger(__name__)


class Clock:
    """Executes a statement every second."""

    def __init__(self, pool: Pool, statement: LiteralString) -> None:
        self._pool = pool
        self._statement = statement
        self._problem: str | None = None

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                async with self._pool.connection() as connection:
                    await connection.execute(self._statement)
            except (psycopg.Error, PoolTimeout) as error:
                self._note(str(error))
            else:
                self._problem = None
            await asyncio.sleep(SECONDS)

    def _note(self, problem: str) -> None:
        if self._problem != problem:
            log.warning("The clock stands still at %s: %s", self._statement, problem)
        self._problem = problem
