"""First contact: a controller says what it is and which channels it has; the database answers with their events."""

import json
from typing import Any
from uuid import UUID

import psycopg

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.database import Pool
from webmacs.sockets.errors import FrameError

HELLO = "select private.controller_hello(%s, %s::jsonb)"
TAKE = "select private.take_commands(%s, %s)"
# SQLSTATE classes by which the database says that the message is wrong.
REFUSALS = ("22", "23", "42", "P0", "PT")


async def welcome(pool: Pool, identity: Identity, message: dict[str, Any], socket: UUID) -> dict[str, Any]:
    """The answer to `hello`; commands go over this socket from now on.

    Raises FrameError if the message makes no sense.
    """
    if identity.controller_id is None:
        raise FrameError("not_a_controller", "Only the token of a controller can say hello.")
    try:
        async with on_behalf_of(pool, identity) as connection:
            cursor = await connection.execute(HELLO, [identity.controller_id, json.dumps(message)])
            row = await cursor.fetchone()
            await connection.execute(TAKE, [identity.controller_id, socket])
    except psycopg.Error as error:
        if (error.sqlstate or "").startswith(REFUSALS):
            raise FrameError("bad_hello", error.diag.message_primary or "hello is not understood.") from error
        raise FrameError("unavailable", "The database cannot answer now; say hello again.") from error
    body = row[0] if row else {}
    return {"type": "welcome", **body}
