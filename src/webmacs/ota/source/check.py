"""Looking for newer bundles: now, or every few hours by one of the sidecars."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import PoolTimeout

from webmacs.config import Config
from webmacs.database import Connection, Pool
from webmacs.ota.source.offer import Offer, SourceError
from webmacs.ota.source.sources import opened
from webmacs.ota.uploads import Uploads

AT_LEAST = timedelta(seconds=5)
"""Between two looks, whoever asks for them."""

SECONDS = 600.0
BEGIN = "select private.begin_update_check(%s, %s)"
END = "select private.end_update_check(%s, %s)"
FOUND = "select private.update_check()"

log = logging.getLogger(__name__)


async def check(connection: Connection, config: Config, pause: timedelta | None = None) -> dict[str, Any]:
    """Look, unless somebody has within `pause`; what is known then, as private.update_check has it."""
    (begun,) = await _row(connection, BEGIN, config.ota.source, AT_LEAST if pause is None else pause)
    if begun and config.ota.source:
        problem, offers = await _look(config)
        await connection.execute(END, (problem, Jsonb([offer.as_json() for offer in offers])))
    (found,) = await _row(connection, FOUND)
    return dict(found)


async def _look(config: Config) -> tuple[str | None, list[Offer]]:
    try:
        async with opened(config) as source:
            return None, await source.look()
    except SourceError as error:
        return str(error), []


async def _row(connection: Connection, statement: str, *values: object) -> tuple[Any, ...]:
    return await (await connection.execute(statement.encode(), values)).fetchone() or (None,)


class SourceWatch:
    """`run` until cancelled. It also throws away what uploads have left."""

    def __init__(self, pool: Pool, config: Config) -> None:
        self._pool = pool
        self._config = config

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await asyncio.to_thread(Uploads(self._config.ota.uploads_dir).sweep)
                await self._check()
            except (psycopg.Error, PoolTimeout, OSError) as error:
                log.warning("The source of updates cannot be looked at now: %s", error)
            await asyncio.sleep(SECONDS)

    async def _check(self) -> None:
        """With no hours it is only said which source there is."""
        hours = self._config.ota.check_hours
        pause = timedelta(hours=hours) if hours else timedelta(days=36_500)
        async with self._pool.connection() as connection:
            found = await check(connection, self._config, pause)
        if found["problem"]:
            log.warning("The source of updates: %s", found["problem"])
