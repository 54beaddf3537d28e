"""Bundles in the database, as pieces."""

import asyncio
import json
from typing import Any, BinaryIO

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.database import Pool

PIECE = 1 << 20
STORE = "select bundle_id, is_new from private.store_update_bundle(%s)"
STORE_PIECE = "select private.store_update_bundle_piece(%s, %s, %b)"
ROW = "select private.update_bundle_row(%s)"
SIZE = "select (private.bundle_for_me(%s)).size"
GET_PIECE = "select private.update_bundle_piece(%s, %s)"


async def store(pool: Pool, identity: Identity, file: BinaryIO, columns: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The row, as api.update_bundles has it, and whether it is new. All of it is stored, or nothing."""
    async with on_behalf_of(pool, identity) as connection:
        cursor = await connection.execute(STORE, [json.dumps(columns)])
        bundle_id, is_new = await cursor.fetchone() or (None, False)
        number = 0
        file.seek(0)
        while is_new and (piece := await asyncio.to_thread(file.read, PIECE)):
            await connection.execute(STORE_PIECE, [bundle_id, number, piece])
            number += 1
        (row,) = await (await connection.execute(ROW, [bundle_id])).fetchone() or (None,)
    return row, is_new


async def size_of(pool: Pool, identity: Identity, sha256: str) -> int | None:
    """Bytes of a bundle; None: there is none that this controller is to install."""
    async with on_behalf_of(pool, identity) as connection:
        row = await (await connection.execute(SIZE, [sha256])).fetchone()
    return row[0] if row else None


async def piece_of(pool: Pool, identity: Identity, sha256: str, number: int) -> bytes | None:
    """The piece of this number, from 0; None as above."""
    async with on_behalf_of(pool, identity) as connection:
        cursor = await connection.cursor(binary=True).execute(GET_PIECE, [sha256, number])
        row = await cursor.fetchone()
    return row[0] if row else None
