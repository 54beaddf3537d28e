"""One kind of file, by the functions of the database that keep it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, BinaryIO

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.database import Pool

PIECE = 1 << 20


@dataclass(frozen=True)
class Store:
    """`new` gives id and is_new for a row's columns as JSON, `new_piece` takes one, `row` gives the row as the API has
    it; `size` and `piece` are of the file with a digest, if it is for who asks."""

    new: str
    new_piece: str
    row: str
    size: str
    piece: str

    async def put(
        self, pool: Pool, identity: Identity, file: BinaryIO, columns: dict[str, Any]
    ) -> tuple[dict[str, Any], bool]:
        """The row, and whether it is new. All of the file is stored, or nothing."""
        async with on_behalf_of(pool, identity) as connection:
            cursor = await connection.execute(self.new.encode(), [json.dumps(columns)])
            file_id, is_new = await cursor.fetchone() or (None, False)
            number = 0
            file.seek(0)
            while is_new and (piece := await asyncio.to_thread(file.read, PIECE)):
                await connection.execute(self.new_piece.encode(), [file_id, number, piece])
                number += 1
            (row,) = await (await connection.execute(self.row.encode(), [file_id])).fetchone() or (None,)
        return row, is_new

    async def size_of(self, pool: Pool, identity: Identity, sha256: str) -> int | None:
        """Bytes of a file; None: there is none that this controller is to have."""
        async with on_behalf_of(pool, identity) as connection:
            row = await (await connection.execute(self.size.encode(), [sha256])).fetchone()
        return row[0] if row else None

    async def piece_of(self, pool: Pool, identity: Identity, sha256: str, number: int) -> bytes | None:
        """The piece of this number, from 0; None as above."""
        async with on_behalf_of(pool, identity) as connection:
            cursor = await connection.cursor(binary=True).execute(self.piece.encode(), [sha256, number])
            row = await cursor.fetchone()
        return row[0] if row else None
