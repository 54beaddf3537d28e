"""Partitions made ahead of time, what is old removed, the disk reported: at start and hourly, by each sidecar."""

import asyncio
import logging
from contextlib import suppress
from typing import LiteralString

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.config import Config
from webmacs.database import Pool
from webmacs.history import storage

SECONDS = 3600.0
AGAIN = 60.0
KEEP = "select private.keep_partitions()"
# A bounded number at a time, so that no statement takes long.
PRUNED = {
    "select private.prune_deliveries()": "old deliveries of webhooks",
    "select private.prune_log()": "old log entries",
    "select private.prune_credentials()": "sessions and tokens that ended long ago",
    "select private.prune_refresh_tokens()": "refresh tokens of sessions that have ended",
}
PURGE = """
    select private.purge_sso(), private.purge_services(), private.purge_login_limits(), private.prune_login_failures()
"""
NOTE_TIME = "select private.note_time()"
KEEP_KEYS = "select private.upkeep_keys()"

log = logging.getLogger(__name__)


class Upkeep:
    """What the tables that grow by themselves need from time to time."""

    def __init__(self, pool: Pool, config: Config) -> None:
        self._pool = pool
        self._config = config
        self._wanted = asyncio.Event()

    def wake(self) -> None:
        """Do not wait for the hour: the disk is nearly full, and what may go should."""
        self._wanted.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self._execute(NOTE_TIME)
                await self._keep_partitions()
                for statement, what in PRUNED.items():
                    await self._prune(statement, what)
                await self._execute(PURGE)
                await self._execute(KEEP_KEYS)
                await self._report_disk()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("Upkeep is not possible now: %s", error)
                await asyncio.sleep(AGAIN)
            else:
                await self._until_it_is_time()

    async def _until_it_is_time(self) -> None:
        self._wanted.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                await self._wanted.wait()

    async def _keep_partitions(self) -> None:
        if made := await self._number(KEEP):
            log.info("made %d partitions ahead of their time", made)

    async def _prune(self, statement: LiteralString, what: str) -> None:
        while pruned := await self._number(statement):
            log.info("removed %d %s", pruned, what)

    async def _execute(self, statement: LiteralString) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(statement)

    async def _report_disk(self) -> None:
        async with self._pool.connection() as connection:
            await storage.report(connection, self._config)

    async def _number(self, statement: str) -> int:
        async with self._pool.connection() as connection:
            row = await (await connection.execute(statement)).fetchone()
        return int(row[0]) if row else 0
