"""The newest value of every event, and the names of events, asked of the database."""

import asyncio

from webmacs.database import Pool
from webmacs.stream.points import Point, of_rows

NEWEST = "select event_id, event_public_id, ts, value, quality from private.newest()"


class Newest:
    """Many clients that ask at once share one query."""

    def __init__(self, pool: Pool) -> None:
        self.names: dict[int, str] = {}
        self._pool = pool
        self._running: asyncio.Task[list[Point]] | None = None
        self._next: asyncio.Task[list[Point]] | None = None

    async def values(self) -> list[Point]:
        """The newest values, not older than this call. Raises psycopg.Error or PoolTimeout."""
        if self._next is None:
            self._next = asyncio.create_task(self._after(self._running))
        return await asyncio.shield(self._next)

    async def _after(self, running: asyncio.Task[list[Point]] | None) -> list[Point]:
        if running is not None:
            await asyncio.wait([running])
        self._running, self._next = self._next, None
        return await self._ask()

    async def _ask(self) -> list[Point]:
        async with self._pool.connection() as connection:
            rows = await (await connection.cursor(binary=True).execute(NEWEST, prepare=True)).fetchall()
        self.names = {event: str(public_id) for event, public_id, *_ in rows}
        return of_rows(row[1:] for row in rows if row[2] is not None)
