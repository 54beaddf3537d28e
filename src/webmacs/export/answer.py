"""An export as the answer to a request."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress

import psycopg
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from webmacs.errors import BrokenOffError
from webmacs.export.lines import Lines
from webmacs.export.names import disposition
from webmacs.web.leaving import ClientLeftError, unless_left

PIECE = 256 * 1024  # bytes that are compressed and sent at once
LEVEL = 1  # of zlib: three times quicker than the usual 6, and files a tenth larger
GZIP = 16 + zlib.MAX_WBITS
STALL = 60.0  # seconds that a client may take for a piece: it keeps one of few places
TAKES_GZIP = re.compile(r"\bgzip(?!;q=0(\.0*)?(,|$))")


def takes_gzip(accept_encoding: str) -> bool:
    """Whether this header allows it."""
    return bool(TAKES_GZIP.search(accept_encoding.lower().replace(" ", "")))


class Download(StreamingResponse):
    """Ends when the client leaves; is broken off when the client stays and takes nothing more."""

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        with suppress(ClientLeftError):
            await unless_left(receive, self.stream_response(send))

    async def stream_response(self, send: Send) -> None:
        async def in_time(message: Message) -> None:
            try:
                async with asyncio.timeout(STALL):
                    await send(message)
            except TimeoutError:
                raise BrokenOffError(f"the client took less than {PIECE >> 10} KiB in {STALL:g} s") from None

        await super().stream_response(in_time)


async def answer(
    header: str, pages: AsyncIterator[bytes], lines: Lines, name: str, *, gzip_file: bool, gzip_way: bool
) -> Download:
    """Streams `header` and `pages`. The first page is awaited here: if it fails, that is an answer of its own.

    `gzip_file`: what is saved is compressed; `gzip_way`: what is sent is, and the client unpacks it. What fails later
    breaks the connection off, so that no file looks whole that is not.
    """
    first = await anext(pages, b"")
    body = _pieces(header.encode() + first, pages)
    headers = {"Vary": "Accept-Encoding"}
    media_type, file_name = lines.media_type, name + lines.suffix
    if gzip_file:
        media_type, file_name = "application/gzip", f"{file_name}.gz"
    elif gzip_way:
        headers["Content-Encoding"] = "gzip"
    headers["Content-Disposition"] = disposition(file_name)
    return Download(_gzipped(body) if gzip_file or gzip_way else body, 200, headers, media_type)


async def _pieces(first: bytes, pages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for piece in _cut(first):
        yield piece
    try:
        async for page in pages:
            for piece in _cut(page):
                yield piece
    except psycopg.Error as error:
        raise BrokenOffError(str(error)) from None


def _cut(page: bytes) -> list[bytes]:
    return [page[at : at + PIECE] for at in range(0, len(page), PIECE)]


async def _gzipped(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """In a thread, because it takes longer than a measured value may wait."""
    packer = zlib.compressobj(LEVEL, wbits=GZIP)
    async for piece in pieces:
        if packed := await asyncio.to_thread(packer.compress, piece):
            yield packed
    yield packer.flush()
