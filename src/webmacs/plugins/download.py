"""A package on its way to a controller, from any byte on."""

import re
from collections.abc import AsyncIterator

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.accounts.identity import Identity
from webmacs.database import Pool
from webmacs.errors import ApiError, BrokenOffError
from webmacs.export.answer import Download
from webmacs.plugins.store import PIECE, piece_of

FROM = re.compile(r"bytes=(\d{1,15})-")


def download(pool: Pool, identity: Identity, sha256: str, size: int, byte_range: str) -> Download:
    """The answer; a range of any other form than `bytes=N-` counts as none, as RFC 9110 allows. Raises ApiError 416."""
    wanted = FROM.fullmatch(byte_range)
    begin = int(wanted[1]) if wanted else 0
    if begin >= size:
        raise ApiError(
            416,
            "no_such_range",
            f"The package has {size} bytes; none begins at {begin}.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    headers = {"Content-Length": str(size - begin), "Accept-Ranges": "bytes"}
    if wanted:
        headers["Content-Range"] = f"bytes {begin}-{size - 1}/{size}"
    body = _bytes(pool, identity, sha256, begin, size)
    return Download(body, 206 if wanted else 200, headers, "application/octet-stream")


async def _bytes(pool: Pool, identity: Identity, sha256: str, begin: int, size: int) -> AsyncIterator[bytes]:
    """Piece by piece, each asked for anew: a slow client holds nothing, and who is not to have it any more gets no more
    of it."""
    for number in range(begin // PIECE, -(-size // PIECE)):
        try:
            piece = await piece_of(pool, identity, sha256, number)
        except (psycopg.Error, PoolTimeout) as error:
            raise BrokenOffError(str(error)) from None
        if piece is None:
            raise BrokenOffError("the package is not assigned to the controller any more")
        yield piece[max(0, begin - number * PIECE) :]
