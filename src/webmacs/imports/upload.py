"""The bytes of a file as they arrive."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from webmacs.errors import ApiError
from webmacs.web.leaving import ClientLeftError

MOST_BYTES = 2 * 1024**3
STALL = 60.0  # seconds without a byte: who uploads keeps one of few places


async def upload(request: Request) -> AsyncIterator[bytes]:
    """Raises ApiError 408 and 413, and ClientLeftError."""
    received = 0
    pieces = request.stream()
    while (piece := await _next(pieces)) is not None:
        received += len(piece)
        if received > MOST_BYTES:
            raise too_large()
        yield piece


def too_large() -> ApiError:
    """413."""
    return ApiError(413, "too_large", f"A file may have at most {MOST_BYTES >> 20} MiB.", hint="Import it in parts.")


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    try:
        async with asyncio.timeout(STALL):
            return await anext(pieces, None)
    except TimeoutError:
        message = f"Nothing of the file arrived for {STALL:g} s."
        raise ApiError(408, "too_slow", message, hint="Send it again: what is stored already does no harm.") from None
    except ClientDisconnect:
        raise ClientLeftError from None
