"""The bytes of a file as they arrive."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from webmacs.errors import ApiError
from webmacs.web.leaving import ClientLeftError

STALL = 60.0  # seconds without a byte: who uploads keeps one of few places


@dataclass(frozen=True)
class Upload:
    """What a file may be, and what to do with one that is larger."""

    most_bytes: int
    if_larger: str

    def check(self, request: Request) -> None:
        """Before the first byte. Raises ApiError 413 and 415."""
        if request.headers.get("Content-Encoding", "identity") != "identity":
            raise ApiError(415, "compressed", "The file must not be compressed.", hint="Unpack it first.")
        length = request.headers.get("Content-Length", "")
        if length.isdecimal() and int(length) > self.most_bytes:
            raise self._too_large()

    async def pieces(self, request: Request) -> AsyncIterator[bytes]:
        """Raises ApiError 408 and 413, and ClientLeftError."""
        received = 0
        pieces = request.stream()
        while (piece := await _next(pieces)) is not None:
            received += len(piece)
            if received > self.most_bytes:
                raise self._too_large()
            yield piece

    def _too_large(self) -> ApiError:
        limit = f"{self.most_bytes >> 20} MiB" if self.most_bytes >> 20 else f"{self.most_bytes} bytes"
        return ApiError(413, "too_large", f"A file may have at most {limit}.", hint=self.if_larger)


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    try:
        async with asyncio.timeout(STALL):
            return await anext(pieces, None)
    except TimeoutError:
        message = f"Nothing of the file arrived for {STALL:g} s."
        raise ApiError(408, "too_slow", message, hint="Send it again: what is stored already does no harm.") from None
    except ClientDisconnect:
        raise ClientLeftError from None
