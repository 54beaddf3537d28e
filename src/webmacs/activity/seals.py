"""Seals the audit log behind its writers, at start and every minute, and writes the last hash into the journal."""

import asyncio
import logging
from pathlib import Path

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.activity import journal
from webmacs.database import Connection, Pool

SECONDS = 60.0
MOST = 1000  # rows of a seal: a transaction that takes milliseconds
SEAL = "select seal_id, hash, sealed from private.seal_audit(%s)"
CUT = "select seal_id, hash, entries from private.cut_audit()"
HAS = "select private.has_seal(%s, %s)"

log = logging.getLogger(__name__)


class Seals:
    """Whichever of several sidecars comes first does it; each remembers the last hash that it wrote."""

    def __init__(self, pool: Pool, journal_socket: Path = journal.JOURNAL) -> None:
        self._pool = pool
        self._journal = journal_socket
        self._last: tuple[int, bytes] | None = None
        self._problem: str | None = None

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                await self.work()
            except (psycopg.Error, PoolTimeout) as error:
                self._note(str(error))
            else:
                self._problem = None
            await asyncio.sleep(SECONDS)

    async def work(self) -> None:
        """Seal all that is new, and cut what is too old."""
        async with self._pool.connection() as connection:
            await self._compare(connection)
            before = self._last
            await self._seal(connection)
            if self._last and self._last != before:
                self._say(f"audit log sealed: seal {self._last[0]}, {self._last[1].hex()}")
            while cut := await _row(connection, CUT):
                self._say(f"audit log cut by age: {cut[2]} rows, up to seal {cut[0]}, {cut[1].hex()}")

    async def _compare(self, connection: Connection) -> None:
        if self._last and not await _row(connection, HAS, *self._last):
            message = f"the seals of the audit log were written anew: seal {self._last[0]} was {self._last[1].hex()}"
            log.critical("%s", message)
            journal.write(message, self._journal)
            self._last = None

    async def _seal(self, connection: Connection) -> None:
        while made := await _row(connection, SEAL, MOST):
            self._last = (made[0], made[1])
            if made[2] < MOST:
                return

    def _say(self, line: str) -> None:
        log.info("%s", line)
        journal.write(line, self._journal)

    def _note(self, problem: str) -> None:
        if self._problem != problem:
            log.warning("The audit log cannot be sealed now: %s", problem)
        self._problem = problem


async def _row(connection: Connection, statement: str, *values: object) -> tuple[int, bytes, int] | None:
    """The row of the answer; None if there is nothing in it, or false."""
    row = await (await connection.execute(statement.encode(), values)).fetchone()
    return row if row and row[0] else None
