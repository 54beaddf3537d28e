"""Applies the policies of retention: every minute, sooner if something was in the way, by whichever sidecars run."""

import asyncio
import logging
from functools import partial

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.config import Config
from webmacs.database import Connection, Pool
from webmacs.history import dropping, storage

SECONDS = 60.0
SECONDS_IN_THE_WAY = 5.0  # until it is tried again, when something was in the way
SET_ROLE = "set role webmacs_owner"

log = logging.getLogger(__name__)


class Retention:
    """Decides with the rights of the sidecar; only to drop something it becomes the owner, by [database] admin_uri.

    What waits for long, the database writes into its log; here is what only happens here.
    """

    def __init__(self, config: Config, pool: Pool) -> None:
        self._config = config
        self._pool = pool
        self._problem: str | None = None
        self._waiting: list[str] = []

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                problem = await self._work()
            except psycopg.errors.LockNotAvailable:
                problem = dropping.KEPT_OFF
            except (psycopg.Error, PoolTimeout) as error:
                problem = str(error)
            self._note(problem)
            await asyncio.sleep(SECONDS_IN_THE_WAY if problem or self._waiting else SECONDS)

    async def _work(self) -> str | None:
        """Decide and drop. What was in the way."""
        if not await self._something_goes():
            return None
        async with await connect(self._config) as connection:
            outcome = await dropping.run(connection, partial(storage.report_room, connection, self._config))
        if outcome.dropped:
            log.info("retention dropped %s", ", ".join(outcome.dropped))
        if outcome.waiting and outcome.waiting != self._waiting:
            log.info("expired, but most likely still being read: %s", ", ".join(outcome.waiting))
        self._waiting = outcome.waiting
        return "; ".join(outcome.problems) or None

    async def _something_goes(self) -> bool:
        async with self._pool.connection() as connection:
            await dropping.decide(connection)
            return bool(await dropping.steps(connection))

    def _note(self, problem: str | None) -> None:
        if problem and self._problem != problem:
            log.warning("Retention is not possible now (`webmacs maintain` tries at once): %s", problem)
        self._problem = problem


async def connect(config: Config) -> Connection:
    """A connection as the owner that commits each statement by itself."""
    connection = await psycopg.AsyncConnection.connect(
        config.database.admin_uri, autocommit=True, application_name="webmacs retention", connect_timeout=5
    )
    await connection.execute(SET_ROLE)
    return connection
