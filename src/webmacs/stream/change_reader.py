"""Reads the rows that webmacs_changes numbers, for the stream."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.database import Pool
from webmacs.stream.changes import TOPICS, read_notice
from webmacs.stream.forged import Forged

# Rows that are read at once.
CHUNK = 100
# Numbers of a topic's rows that may wait to be read; then everyone is told to read again instead.
MOST_WAITING = 100_000
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class ChangeReader:
    """Reads changed rows in the background, each once for all clients, in the order in which each topic changed.

    A row is read after its notification, so it may be newer than that; the notification of what is newer follows, and
    the row is sent again. A row that is gone by then is not sent. A number that waits already does not wait twice.
    Topics take turns: a storm of one does not hold up another.
    """

    def __init__(
        self, pool: Pool, publish: Callable[[str, list[str]], None], start_anew: Callable[[], Awaitable[None]]
    ) -> None:
        self._pool = pool
        self._publish = publish
        self._start_anew = start_anew
        self._waiting: dict[str, dict[int, None]] = {topic: {} for topic in TOPICS}
        self._too_many = False
        self._some = asyncio.Event()
        self._problems: dict[str, str] = {}
        self._forged = Forged("webmacs_changes")

    async def take(self, payload: str) -> None:
        """A notification of webmacs_changes. Any SQL login may notify anything: only the numbers are used."""
        try:
            notice = read_notice(payload)
        except ValueError as error:
            self._forged.note(error)
            return
        waiting = self._waiting[notice.topic]
        waiting.update(dict.fromkeys(notice.ids))
        if len(waiting) > MOST_WAITING:
            waiting.clear()
            self._too_many = True
        self._some.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._too_many or any(self._waiting.values()):
                await self._take_turns()

    async def _take_turns(self) -> None:
        if self._too_many:
            self._too_many = False
            await self._start_anew()
        for topic in TOPICS:
            try:
                await self._read_some(topic)
            except (psycopg.Error, PoolTimeout) as error:
                self._note(topic, error)
                await asyncio.sleep(RETRY_SECONDS)

    async def _read_some(self, topic: str) -> None:
        waiting = self._waiting[topic]
        ids = list(waiting)[:CHUNK]
        if not ids:
            return
        for number in ids:
            del waiting[number]
        try:
            rows = await self._read(topic, ids)
        except (psycopg.Error, PoolTimeout):
            self._waiting[topic] = dict.fromkeys(ids) | self._waiting[topic]
            raise
        self._problems.pop(topic, None)
        if rows:
            self._publish(topic, rows)

    async def _read(self, topic: str, ids: list[int]) -> list[str]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(TOPICS[topic].query.encode(), [ids], prepare=True)
            return [row for (row,) in await cursor.fetchall()]

    def _note(self, topic: str, error: Exception) -> None:
        if self._problems.get(topic) != str(error):
            log.warning("Changes of the topic %s wait: %s", topic, error)
        self._problems[topic] = str(error)
