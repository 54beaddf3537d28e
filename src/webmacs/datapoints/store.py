"""The one connection that writes datapoints: batches in, refusals out, whatever becomes of PostgreSQL meanwhile."""

import asyncio
import logging
from collections.abc import Iterable
from itertools import chain
from typing import TypeVar

import psycopg

from webmacs.database import Connection
from webmacs.datapoints.event_ids import EventIds
from webmacs.datapoints.intake import Batch
from webmacs.datapoints.pgarrays import (
    float8_array,
    int2_array,
    int4_array,
    register_columns,
    timestamptz_array,
)

INGEST = "select ordinal, reason from private.ingest(%s, %s, %s, %s, %s)"

# SQLSTATE classes that blame the data: bad value, constraint, limit, raised on purpose, internal. Anything else
# (connection, locks, resources, shutdown, rights, a database not migrated) passes, or an administrator mends it.
BLAMES_DATA = ("22", "23", "54", "P0", "PT", "XX")
# foreign_key_violation: the event was purged while we waited for it; tried again, its points alone are refused.
PURGED_MEANWHILE = "23503"
DISK_FULL = "53100"
RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)

log = logging.getLogger(__name__)

T = TypeVar("T")


class UnstorableError(Exception):
    """PostgreSQL refuses the batch as a whole, and would again."""


class NoRoomError(Exception):
    """The disk is full, as the database has decided or found out: nothing of the batch is stored, now."""


class Store:
    """Calls private.ingest. Waits for PostgreSQL as long as it is away; what is tried twice is stored once.

    `problem` is what PostgreSQL or the client library says, with host and port: for the log, not for everybody.
    """

    def __init__(self, uri: str, ids: EventIds) -> None:
        self._uri = uri
        self._ids = ids
        self._connection: Connection | None = None
        self.problem: str | None = None

    async def ingest(self, batch: Batch) -> list[tuple[int, str]]:
        """Store it in one transaction. Returns (row from 1, reason) of what was not stored. Raises UnstorableError, or
        NoRoomError: who sent it is to keep it."""
        attempt = 0
        while True:
            try:
                refusals = await self._ingest(batch)
            except (psycopg.Error, OSError) as error:
                sqlstate = getattr(error, "sqlstate", None) or ""
                if sqlstate == DISK_FULL:
                    raise NoRoomError(str(error).partition("\n")[0]) from error
                if sqlstate.startswith(BLAMES_DATA) and sqlstate != PURGED_MEANWHILE:
                    raise UnstorableError(str(error)) from error
                await self._recover(error, attempt)
                attempt += 1
            else:
                self.problem = None
                return refusals

    async def close(self) -> None:
        """Disconnect."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _ingest(self, batch: Batch) -> list[tuple[int, str]]:
        connection = await self._connected()
        frames = [frame for _, frame in batch]
        ids = await self._ids.of(connection, _column(frame.event_public_ids for frame in frames))
        if not ids:
            return []
        sources = list(chain.from_iterable([source.credential_id] * len(frame) for source, frame in batch))
        columns = (
            int4_array(sources),
            int4_array(ids),
            int2_array(_column(frame.qualities for frame in frames)),
            timestamptz_array(_column(frame.times for frame in frames)),
            float8_array(_column(frame.values for frame in frames)),
        )
        cursor = await connection.cursor(binary=True).execute(INGEST, columns, prepare=True)
        return await cursor.fetchall()

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(
                self._uri, autocommit=True, application_name="webmacs ingest", connect_timeout=5
            )
            register_columns(self._connection)
        return self._connection

    async def _recover(self, error: Exception, attempt: int) -> None:
        if self.problem != str(error):
            log.warning("Datapoints wait for PostgreSQL: %s", error)
        self.problem = str(error)
        if self._connection is not None and self._connection.broken:
            await self.close()
        await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])


def _column(parts: Iterable[list[T]]) -> list[T]:
    return list(chain.from_iterable(parts))
