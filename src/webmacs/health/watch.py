"""Tells the database when a part stops working or works again; while the database is away, afterwards."""

import asyncio
import json
import logging
from collections import deque
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.database import Pool
from webmacs.health import Component, Health

SECONDS = 10.0
# The database forgets a sidecar that says nothing for two minutes.
REPEAT_SECONDS = 30.0
# Changes that are remembered while the database is away.
MOST_CHANGES = 100
REPORT = "select private.report_health(%s, %s, %s::jsonb)"

log = logging.getLogger(__name__)

# By part; None: it works.
Problems = dict[str, str | None]


class HealthWatch:
    """What is found twice in a row counts: a part that fails for a moment is not worth a line."""

    def __init__(self, health: Health, pool: Pool) -> None:
        self._health = health
        self._pool = pool
        self._sidecar = uuid4()
        self._last: Problems = {}
        self._last_at = datetime.now(UTC)
        self._settled: Problems = {}
        self._unsaid: deque[tuple[datetime, Problems]] = deque(maxlen=MOST_CHANGES)
        self._said_at: datetime | None = None

    async def run(self) -> None:
        """Work until cancelled. At first the parts have time to come up."""
        while True:
            await asyncio.sleep(SECONDS)
            self.note(await self._health.ask(), datetime.now(UTC))
            await self.report()

    def note(self, found: dict[str, Component], at: datetime) -> None:
        """How the parts are at this time."""
        problems = {part: component.problem for part, component in found.items()}
        confirmed = {
            part: problem
            for part, problem in problems.items()
            if part in self._last and _works(problem) == _works(self._last[part])
        }
        settled = self._settled | confirmed
        if any(_works(problem) != _works(self._settled.get(part)) for part, problem in confirmed.items()):
            self._unsaid.append((self._last_at, settled))
        self._settled, self._last, self._last_at = settled, problems, at
        if self._is_time_to_repeat(at):
            self._unsaid.append((at, settled))

    async def report(self) -> None:
        """Say what is not said yet, in order."""
        try:
            while self._unsaid:
                at, problems = self._unsaid[0]
                async with self._pool.connection() as connection:
                    await connection.execute(REPORT, [self._sidecar, at, json.dumps(problems)])
                self._unsaid.popleft()
                self._said_at = at
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("A change of health cannot be written down now: %s", error)

    def _is_time_to_repeat(self, at: datetime) -> bool:
        if self._unsaid or not self._settled:
            return False
        return self._said_at is None or (at - self._said_at).total_seconds() >= REPEAT_SECONDS


def _works(problem: str | None) -> bool:
    return problem is None
