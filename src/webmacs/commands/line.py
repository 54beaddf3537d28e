"""One socket of a controller, as far as commands are concerned."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.commands.frames import Heard, Push, Result, noted, read_result
from webmacs.controllers.news import News
from webmacs.database import Pool
from webmacs.datapoints.acks import Answers
from webmacs.sockets.errors import FrameError

CLAIM = (
    "select public_id, event_public_id, instance, channel, value, ttl, interlocks"
    " from private.claim_commands(%s, %s, %s)"
)
FINISH = "select private.finish_commands(%s, %s::uuid[], %s::text[], %s::float8[], %s::text[])"
RETRY_SECONDS = 1.0
# Results that may wait for the database before the socket is not read any more.
MAX_WAITING = 100

log = logging.getLogger(__name__)


class Line:
    """Pushes what the database gives it, and takes results. One thing after the other: a command must not be pushed
    after the word that its result is noted, with which the controller forgets it."""

    def __init__(self, pool: Pool, identity: Identity, answers: Answers) -> None:
        self.id = uuid4()
        self.heard = Heard()
        self.news = News(answers)
        self._pool = pool
        self._identity = identity
        self._controller = identity.controller_id
        self._answers = answers
        self._results: list[Result] = []
        self._room = asyncio.Event()
        self._due = asyncio.Event()
        self._claim = self._again = self._greeted = False

    def greet(self) -> None:
        """The controller has said hello, and the database knows that this is its newest socket."""
        self._greeted = self._again = True
        self.wake()

    def wake(self) -> None:
        """There may be commands."""
        self._claim = self._greeted
        self._due.set()

    async def take(self, message: dict[str, Any]) -> None:
        """A `command_result`. Raises FrameError. Returns when the socket may be read again."""
        if self._controller is None:
            raise FrameError("not_a_controller", "Only a controller has results of commands.")
        self._results.append(read_result(message))
        self._due.set()
        while len(self._results) >= MAX_WAITING:
            self._room.clear()
            await self._room.wait()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._due.wait()
            await self._answers.few()
            self._due.clear()
            try:
                await self._note_results()
                await self._push()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("Commands of controller %s wait for PostgreSQL: %s", self._controller, error)
                await asyncio.sleep(RETRY_SECONDS)
                self._again = True  # nobody knows what was claimed
                self.wake()

    async def _note_results(self) -> None:
        results = list(self._results)
        if not results:
            return
        columns = zip(*((result.id, result.state, result.value, result.words) for result in results), strict=True)
        async with on_behalf_of(self._pool, self._identity) as connection:
            await connection.execute(FINISH, [self._controller, *map(list, columns)])
        del self._results[: len(results)]
        self._room.set()
        for result in results:
            self._answers.put(noted(result))

    async def _push(self) -> None:
        if not self._claim:
            return
        again = self._again
        self._claim = self._again = False
        async with self._pool.connection() as connection:
            rows = await (await connection.execute(CLAIM, [self._controller, self.id, again])).fetchall()
        for row in rows:
            self._answers.put(Push(self.heard, *row))
