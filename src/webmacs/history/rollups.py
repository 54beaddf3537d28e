"""Keeps rollups up: at start and every minute, by whichever sidecars run."""

import asyncio
import logging
import time

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.database import Connection, Pool

SECONDS = 60.0
MOST_HOURS = 24  # that one step rolls up
MOVE = "select private.move_rollups()"
COMPUTE = "select private.compute_rollups(%s * interval '1 hour')"
PATIENCE = "set local statement_timeout = '2min'"  # an hour of very many points takes a while

log = logging.getLogger(__name__)


class Rollups:
    """Small steps, each a transaction of its own, and as long a pause after each: ingest has half of the time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._hours = MOST_HOURS
        self._problem: str | None = None

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._catch_up()
            except (psycopg.Error, PoolTimeout) as error:
                self._note(str(error))
            else:
                self._problem = None
            await asyncio.sleep(SECONDS)

    async def _catch_up(self) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(MOVE)
        more = True
        while more:
            begin = time.monotonic()
            async with self._pool.connection() as connection:
                more = await self._step(connection)
            await asyncio.sleep(time.monotonic() - begin)

    async def _step(self, connection: Connection) -> bool:
        try:
            async with connection.transaction():
                await connection.execute(PATIENCE)
                row = await (await connection.execute(COMPUTE, [self._hours])).fetchone()
        except psycopg.errors.QueryCanceled:
            if self._hours == 1:
                raise
            self._hours //= 2
            return True
        return bool(row and row[0])

    def _note(self, problem: str) -> None:
        if self._problem != problem:
            log.warning("Rollups cannot be computed now: %s", problem)
        self._problem = problem
