"""The controllers that have a socket in this process, and who is told when there are commands for one of them."""

import logging
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout

from webmacs.accounts.identity import Identity
from webmacs.commands.line import Line
from webmacs.database import Pool
from webmacs.datapoints.acks import Answers

LEAVE = "select private.leave_commands(%s, %s)"

log = logging.getLogger(__name__)


class Lines:
    """All lines of this process, by the number of their controller."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._lines: defaultdict[int | None, set[Line]] = defaultdict(set)

    @asynccontextmanager
    async def open(self, identity: Identity, answers: Answers) -> AsyncIterator[Line]:
        """The line of a socket, which somebody has to run. A person's never carries anything."""
        controller = identity.controller_id
        line = Line(self._pool, identity, answers)
        self._lines[controller].add(line)
        try:
            yield line
        finally:
            self._lines[controller].discard(line)
            if not self._lines[controller]:
                del self._lines[controller]
            if controller is not None:
                await self._leave(controller, line)

    async def on_notify(self, payload: str) -> None:
        """A notification of webmacs_commands: the number of a controller. Any SQL login may notify anything."""
        for line in self._lines_of(payload):
            line.wake()

    async def on_configuration(self, payload: str) -> None:
        """A notification of webmacs_configuration: the number of a controller, and the version that it is to have."""
        controller, _, version = payload.partition(":")
        for line in self._lines_of(controller):
            line.news.reconfigure(_number(version) or 0)

    def _lines_of(self, controller: str) -> Collection[Line]:
        return self._lines.get(_number(controller), ())

    def wake_all(self) -> None:
        """Notifications may have been missed."""
        for lines in self._lines.values():
            for line in lines:
                line.wake()
                line.news.reconfigure(sys.maxsize)

    async def _leave(self, controller: int, line: Line) -> None:
        try:
            async with self._pool.connection() as connection:
                await connection.execute(LEAVE, [controller, line.id])
        except (psycopg.Error, PoolTimeout, PoolClosed) as error:
            log.warning("It cannot be noted that controller %d takes no commands here now: %s", controller, error)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
