"""Watches the disk of the database, on whose machine alone it can be seen; what follows is the database's to decide."""

import asyncio
import logging
from collections.abc import Callable

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.config import Config
from webmacs.database import Pool
from webmacs.history import storage

# At 50 000 values a second 12 MB are written meanwhile.
SECONDS = 3.0
NEARLY_FULL = ("thin", "refuse")

log = logging.getLogger(__name__)


class DiskWatch:
    """`level`: fine, warn, thin or refuse; None: not known."""

    def __init__(self, config: Config, pool: Pool, make_room: Callable[[], None]) -> None:
        """`make_room` is called when it gets nearly full."""
        self.level: str | None = None
        self._config = config
        self._pool = pool
        self._make_room = make_room

    @property
    def room(self) -> storage.Room | None:
        """Of this moment."""
        try:
            return storage.room(self._config)
        except OSError:
            return None

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.look()
            except (psycopg.Error, PoolTimeout, OSError) as error:
                log.warning("How full the disk of the database is cannot be told now: %s", error)
            await asyncio.sleep(SECONDS)

    async def look(self) -> None:
        """Once."""
        async with self._pool.connection() as connection:
            level = await storage.report_room(connection, self._config)
        if level != self.level and (level, self.level) != ("fine", None):
            log.warning("The disk of the database: %s, before %s", level, self.level or "not known")
        if level in NEARLY_FULL and self.level not in NEARLY_FULL:
            self._make_room()
        self.level = level
