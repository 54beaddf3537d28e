"""A file on its way to a controller, from any byte on."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.errors import ApiError, BrokenOffError
from webmacs.export.answer import Download
from webmacs.pieces.store import PIECE

Fetch = Callable[[int], Awaitable[bytes | None]]
"""The piece of this number, from 0; None: it is not for who asks."""

FROM = re.compile(r"bytes=(\d{1,15})-")


def download(fetch: Fetch, size: int, byte_range: str, what: str) -> Download:
    """The answer, of pieces of PIECE bytes; a range of any other form than `bytes=N-` counts as none, as RFC 9110
    allows. Raises ApiError 416."""
    wanted = FROM.fullmatch(byte_range)
    begin = int(wanted[1]) if wanted else 0
    if begin >= size:
        raise ApiError(
            416,
            "no_such_range",
            f"The {what} has {size} bytes; none begins at {begin}.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    headers = {"Content-Length": str(size - begin), "Accept-Ranges": "bytes"}
    if wanted:
        headers["Content-Range"] = f"bytes {begin}-{size - 1}/{size}"
    body = _bytes(fetch, begin, size, what)
    return Download(body, 206 if wanted else 200, headers, "application/octet-stream")


async def _bytes(fetch: Fetch, begin: int, size: int, what: str) -> AsyncIterator[bytes]:
    """Piece by piece, each asked for anew: a slow client holds nothing, and who is not to have it any more gets no more
    of it."""
    for number in range(begin // PIECE, -(-size // PIECE)):
        try:
            piece = await fetch(number)
        except (psycopg.Error, PoolTimeout) as error:
            raise BrokenOffError(str(error)) from None
        if piece is None:
            raise BrokenOffError(f"the {what} is not assigned to the controller any more")
        yield piece[max(0, begin - number * PIECE) :]
