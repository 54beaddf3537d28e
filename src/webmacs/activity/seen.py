"""Notes when each token was last used, from where and with what.

Requests to PostgREST are heard of by notification, of those to the sidecar `note` is told. Any SQL login may notify
anything, so a notification says only which token; db/activity.sql says what a forged one can do.
"""

import asyncio
import logging
import time
from uuid import UUID

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.database import Pool
from webmacs.stream.forged import Forged

# What was noted is not noted again for so long; the database has the same limit.
SECONDS = 300.0
# All that happens in so many seconds is written at once.
GATHERING_SECONDS = 1.0
# Beyond so many at once, the others are noted at their next use.
MOST = 10_000
NOTE = "select private.note_seen(%s, %s::inet[], %s)"

Place = tuple[str | None, str | None]  # address, and program as it calls itself

log = logging.getLogger(__name__)


class Seen:
    """`take` and `note` cost a request nothing; `run` writes."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: dict[UUID, Place] = {}
        self._noted: dict[tuple[UUID, Place], float] = {}
        self._some = asyncio.Event()
        self._forged = Forged("webmacs_seen")

    def note(self, jti: UUID, place: Place) -> None:
        """This token, or its session, was used from there."""
        noted_at = self._noted.get((jti, place))
        if noted_at is not None and time.monotonic() < noted_at + SECONDS:
            return
        if len(self._noted) >= MOST:
            self._noted.clear()
        self._noted[jti, place] = time.monotonic()
        self._add(jti, place)

    async def take(self, payload: str) -> None:
        """A notification of webmacs_seen."""
        try:
            jti = UUID(payload)
        except ValueError as error:
            self._forged.note(error)
            return
        if jti not in self._waiting:
            self._add(jti, (None, None))

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(GATHERING_SECONDS)
            self._some.clear()
            waiting, self._waiting = self._waiting, {}
            try:
                await self._write(waiting)
            except (psycopg.Error, PoolTimeout) as error:
                self._noted.clear()  # so that the next use is noted
                log.warning("Who was seen cannot be noted now: %s", error)

    def _add(self, jti: UUID, place: Place) -> None:
        if len(self._waiting) < MOST:
            self._waiting[jti] = place
            self._some.set()

    async def _write(self, seen: dict[UUID, Place]) -> None:
        addresses = [address for address, _ in seen.values()]
        agents = [agent for _, agent in seen.values()]
        async with self._pool.connection() as connection:
            await connection.execute(NOTE, [list(seen), addresses, agents])
