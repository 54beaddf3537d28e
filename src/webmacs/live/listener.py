"""The one LISTEN connection of this process."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
from psycopg import sql

from webmacs.database import Connection

DATAPOINTS, CHANGES = "webmacs_datapoints", "webmacs_changes"
REVOKED, EVENTS = "webmacs_revoked", "webmacs_events"
COMMANDS, DELIVERIES = "webmacs_commands", "webmacs_deliveries"
CONFIGURATION, KEYS = "webmacs_configuration", "webmacs_keys"
SEEN = "webmacs_seen"
RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
# A server that vanished without a word is noticed after some 20 seconds of silence.
KEEPALIVE: dict[str, Any] = {"keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}

Handler = Callable[[str], Awaitable[None]]

log = logging.getLogger(__name__)


class Listener:
    """Hands notifications to handlers, one after the other. Comes back whenever PostgreSQL does.

    `on_connect` is called each time it begins to listen: what was notified before is lost. `problem` is what the
    client library says, with host and port: for the log, not for everybody.
    """

    def __init__(self, uri: str, on_connect: Callable[[], Awaitable[None]], handlers: dict[str, Handler]) -> None:
        self.problem: str | None = "It has not connected yet."
        self._uri = uri
        self._on_connect = on_connect
        self._handlers = handlers

    async def run(self) -> None:
        """Work until cancelled."""
        failures = 0
        while True:
            try:
                async with await self._connect() as connection:
                    failures = 0
                    await self._listen(connection)
            except (psycopg.Error, OSError) as error:
                self._note(error)
            await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
            failures += 1

    async def _connect(self) -> Connection:
        connection = await psycopg.AsyncConnection.connect(
            self._uri, autocommit=True, application_name="webmacs listen", connect_timeout=5, **KEEPALIVE
        )
        for channel in self._handlers:
            await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        return connection

    async def _listen(self, connection: Connection) -> None:
        self.problem = None
        await self._on_connect()
        async for notification in connection.notifies():
            await self._handlers[notification.channel](notification.payload)

    def _note(self, error: Exception) -> None:
        if self.problem != str(error):
            log.warning("Live values wait for PostgreSQL: %s", error)
        self.problem = str(error)
