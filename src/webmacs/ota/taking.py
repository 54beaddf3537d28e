"""The one way in: a file that is whole becomes a bundle of the database, or is refused."""

import asyncio
from pathlib import Path
from typing import Any, BinaryIO

from webmacs.accounts.identity import Identity
from webmacs.config import Config
from webmacs.database import Pool
from webmacs.ota.examination import examine_upload
from webmacs.pieces.store import Store

BUNDLES = Store(
    new="select bundle_id, is_new from private.store_update_bundle(%s)",
    new_piece="select private.store_update_bundle_piece(%s, %s, %b)",
    row="select private.update_bundle_row(%s)",
    size="select (private.bundle_for_me(%s)).size",
    piece="select private.update_bundle_piece(%s, %s)",
)


async def take(
    pool: Pool, config: Config, identity: Identity, file: BinaryIO, path: Path, name: str, sha256: str
) -> tuple[dict[str, Any], bool]:
    """The row, and whether it is new. The file, which lies there, has this digest. Raises ApiError."""
    columns = await asyncio.to_thread(examine_upload, path, config)
    size = file.seek(0, 2)
    return await BUNDLES.put(pool, identity, file, columns | {"file_name": name, "size": size, "sha256": sha256})
