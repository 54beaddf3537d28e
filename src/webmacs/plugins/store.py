"""Packages in the database, as pieces."""

import asyncio
import json
from typing import Any, BinaryIO

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.database import Pool
from webmacs.plugins.examination import Examined

PIECE = 1 << 20
STORE = "select package_id, is_new from private.store_plugin_package(%s)"
STORE_PIECE = "select private.store_plugin_package_piece(%s, %s, %b)"
ROW = "select private.plugin_package_row(%s)"
SIZE = "select (private.package_for_me(%s)).size"
GET_PIECE = "select private.plugin_package_piece(%s, %s)"


async def store(pool: Pool, identity: Identity, file: BinaryIO, examined: Examined) -> tuple[dict[str, Any], bool]:
    """The row, as api.plugin_packages has it, and whether it is new. All of it is stored, or nothing."""
    async with on_behalf_of(pool, identity) as connection:
        cursor = await connection.execute(STORE, [json.dumps(_columns(examined))])
        package_id, is_new = await cursor.fetchone() or (None, False)
        number = 0
        file.seek(0)
        while is_new and (piece := await asyncio.to_thread(file.read, PIECE)):
            await connection.execute(STORE_PIECE, [package_id, number, piece])
            number += 1
        (row,) = await (await connection.execute(ROW, [package_id])).fetchone() or (None,)
    return row, is_new


async def size_of(pool: Pool, identity: Identity, sha256: str) -> int | None:
    """Bytes of a package; None: there is none that this controller is to have."""
    async with on_behalf_of(pool, identity) as connection:
        row = await (await connection.execute(SIZE, [sha256])).fetchone()
    return row[0] if row else None


async def piece_of(pool: Pool, identity: Identity, sha256: str, number: int) -> bytes | None:
    """The piece of this number, from 0; None as above."""
    async with on_behalf_of(pool, identity) as connection:
        cursor = await connection.cursor(binary=True).execute(GET_PIECE, [sha256, number])
        row = await cursor.fetchone()
    return row[0] if row else None


def _columns(examined: Examined) -> dict[str, Any]:
    wheel = examined.wheel
    return {
        "name": wheel.name,
        "version": wheel.version,
        "file_name": wheel.file_name,
        "size": examined.size,
        "sha256": examined.sha256,
        "summary": wheel.summary,
        "requires_python": wheel.requires_python,
        "requires": wheel.requires,
        "plugins": wheel.plugins,
        "signature": examined.signature,
        "signed_by": examined.signed_by,
    }
