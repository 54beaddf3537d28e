"""The database as the one who asks sees it: a connection of their own, read-only, with their role and claims."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import psycopg
from fastapi import Depends

from webmacs.accounts.bearer import CurrentPerson
from webmacs.accounts.identity import Identity
from webmacs.database import Connection
from webmacs.errors import ApiError
from webmacs.web.parts import TheParts

# For the whole session, because nobody else will use this connection.
BECOME = """
    select set_config('default_transaction_read_only', 'on', false), set_config('role', %s, false),
           set_config('request.jwt.claims', %s, false)
"""
STILL_VALID = "select access.check_request()"
SET_ZONE = "select set_config('timezone', %s, false)"


class Session:
    """Asks in the name of one person. Each question is a transaction by itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def use_zone(self, name: str) -> None:
        """Times without an offset are read in this zone, and all are written in it. Raises ApiError 400."""
        try:
            await self._connection.execute(SET_ZONE, [name])
        except psycopg.errors.InvalidParameterValue:
            raise ApiError(
                400,
                "unknown_time_zone",
                f"There is no time zone {name}.",
                hint="Name one such as Europe/Zurich or UTC.",
            ) from None

    async def rows(self, query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The answer to `query`. Cancelled here, it is cancelled in the database too.

        The token is checked each time: who loses a right during a download gets no more of it.
        """
        await self._connection.execute(STILL_VALID)
        cursor = await self._connection.cursor(binary=True).execute(query.encode(), values)
        return await cursor.fetchall()

    async def row(self, query: str, values: dict[str, Any]) -> tuple[Any, ...]:
        """The one row of the answer."""
        (row,) = await self.rows(query, values)
        return row


async def _session(identity: CurrentPerson, parts: TheParts) -> AsyncIterator[Session]:
    with parts.exports.place():
        async with _connected(parts.config.database.uri, identity) as connection:
            yield Session(connection)


@asynccontextmanager
async def _connected(uri: str, identity: Identity) -> AsyncIterator[Connection]:
    connection = await psycopg.AsyncConnection.connect(
        uri, autocommit=True, application_name="webmacs export", connect_timeout=5
    )
    async with connection:
        await connection.execute(BECOME, [f"webmacs_{identity.role}", json.dumps(identity.claims)])
        yield connection


# Open until the last byte is sent or the client has left.
TheSession = Annotated[Session, Depends(_session)]
