"""First contact: a controller says what it is and which channels it has; the database answers what it shall do."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.controllers.refusal import refusal
from webmacs.database import Pool
from webmacs.sockets.errors import FrameError

# As text: the database and the controller know numbers that Python would write otherwise.
HELLO = """
    select (jsonb_build_object('type', 'welcome') || welcome)::text, (welcome -> 'config_version')::int
      from private.controller_hello(%s, %s::jsonb) as welcome
"""
TAKE = "select private.take_commands(%s, %s)"


@dataclass(frozen=True)
class Welcome:
    """The answer to `hello`, as it is sent. `version` is that of the configuration which it tells."""

    text: str
    version: int


async def welcome(pool: Pool, identity: Identity, message: dict[str, Any], socket: UUID) -> Welcome:
    """Commands go over this socket from now on. Raises FrameError if the message makes no sense."""
    if identity.controller_id is None:
        raise FrameError("not_a_controller", "Only the token of a controller can say hello.")
    try:
        async with on_behalf_of(pool, identity) as connection:
            cursor = await connection.execute(HELLO, [identity.controller_id, json.dumps(message)])
            row = await cursor.fetchone()
            await connection.execute(TAKE, [identity.controller_id, socket])
    except psycopg.Error as error:
        unavailable = FrameError("unavailable", "The database cannot answer now; say hello again.")
        raise refusal(error, "bad_hello") or unavailable from error
    if row is None or row[0] is None:
        raise FrameError("not_a_controller", "This controller was deleted.")
    return Welcome(*row)
