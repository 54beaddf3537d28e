"""What controllers have to say to people, in the log."""

import json
from typing import Any

import psycopg

from webmacs.accounts.access import as_user
from webmacs.accounts.identity import Identity
from webmacs.controllers.refusal import refusal
from webmacs.database import Pool
from webmacs.sockets.errors import FrameError

WRITE = """
    insert into api.log_entries (level, message, source)
    select level, message, %s from jsonb_to_record(%s::jsonb) as entry (level api.log_level, message text)
"""


async def write_log_entry(pool: Pool, identity: Identity, message: dict[str, Any]) -> None:
    """The next frame is read when it is written, so nobody can write faster than that. Raises FrameError."""
    if identity.controller_id is None:
        raise FrameError("not_a_controller", "Only a controller writes into the log here.")
    try:
        async with as_user(pool, identity) as connection:
            await connection.execute(WRITE, [f"controller {identity.name}", json.dumps(message)])
    except psycopg.Error as error:
        unavailable = FrameError("unavailable", "The database cannot take this log entry now.")
        raise refusal(error, "bad_log") or unavailable from error
