"""What is done for a client ends when the client leaves."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

from webmacs.errors import ApiError

T = TypeVar("T")


class ClientLeftError(ApiError):
    """Nobody reads this answer, but the access log shows its status."""

    def __init__(self) -> None:
        super().__init__(499, "client_left", "The client left before the end of its answer.")


async def unless_left(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """What `work` comes to, which is cancelled when the client leaves. Raises ClientLeftError then.

    For requests without a body. It is cancelled once, and not again and again as by a scope of anyio: psycopg must be
    let to cancel in the database what it waits for.
    """
    working, leaving = asyncio.create_task(work), asyncio.create_task(_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientLeftError
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.wait({working, leaving})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
