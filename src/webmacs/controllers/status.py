"""What controllers report of their instances and channels, noted in the database."""

import asyncio
import json
import logging
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.identity import Identity
from webmacs.controllers.refusal import refusal
from webmacs.database import Pool
from webmacs.datapoints.acks import Answers
from webmacs.sockets.errors import FrameError

REPORT = (
    "select private.report_status(%(controller)s, %(instances)s::jsonb),"
    " private.report_packages(%(controller)s, %(packages)s::jsonb),"
    " private.report_update(%(controller)s, %(update)s::jsonb)"
)
# Between two reports that are noted; of those that come meanwhile only the newest is.
PAUSE_SECONDS = 0.5
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Status:
    """Of one socket. Each report is the whole state, so one that comes later replaces one that still waits."""

    def __init__(self, pool: Pool, identity: Identity, answers: Answers) -> None:
        self._pool = pool
        self._identity = identity
        self._answers = answers
        self._newest: dict[str, Any] = {}
        self._due = asyncio.Event()

    def take(self, message: dict[str, Any]) -> None:
        """A `status`. Raises FrameError."""
        if self._identity.controller_id is None:
            raise FrameError("not_a_controller", "Only a controller has a status.")
        self._newest = message
        self._due.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                await self._note()
                await asyncio.sleep(PAUSE_SECONDS)
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("The status of controller %s cannot be noted now: %s", self._identity.name, error)
                await asyncio.sleep(RETRY_SECONDS)
                self._due.set()

    async def _note(self) -> None:
        said = {name: json.dumps(self._newest.get(name)) for name in ("instances", "packages", "update")}
        try:
            async with on_behalf_of(self._pool, self._identity) as connection:
                await connection.execute(REPORT, {"controller": self._identity.controller_id, **said})
        except psycopg.Error as error:
            refused = refusal(error, "bad_status")
            if refused is None:
                raise
            self._answers.error(refused)
