"""All parts that run beside the routes, and how they hang together."""

import asyncio
import logging
import os
import signal

from webmacs.accounts.lifetimes import DAY
from webmacs.activity.seals import Seals
from webmacs.clock.clock import REPORT_BACKLOGS, TICK, Clock
from webmacs.clock.upkeep import Upkeep
from webmacs.commands.lines import Lines
from webmacs.controllers.renewal import Renewals
from webmacs.datapoints.committer import Committer
from webmacs.datapoints.event_ids import EventIds
from webmacs.datapoints.intake import Intake
from webmacs.datapoints.store import Store
from webmacs.datapoints.telemetry import Telemetry
from webmacs.health import Finding
from webmacs.health.watch import HealthWatch
from webmacs.history.disk import DiskWatch
from webmacs.history.retention import Retention
from webmacs.history.rollups import Rollups
from webmacs.keys.watch import KeyWatch
from webmacs.live.listener import (
    CHANGES,
    COMMANDS,
    CONFIGURATION,
    DATAPOINTS,
    DELIVERIES,
    EVENTS,
    KEYS,
    REVOKED,
    SEEN,
    Listener,
)
from webmacs.ota.source.check import SourceWatch
from webmacs.sockets.watch import Watch
from webmacs.stream.change_reader import ChangeReader
from webmacs.stream.hub import Hub
from webmacs.stream.newest import Newest
from webmacs.stream.stream import Stream
from webmacs.web.parts import Parts
from webmacs.webhooks.courier import Courier

# Seconds that frames have at the end to be committed and acknowledged.
DRAIN_SECONDS = 5.0
RESTART = 1012
# Anybody may read these; what exactly is wrong is in the log.
NOT_STORING = "PostgreSQL does not take datapoints at the moment; they wait for it."
NO_ROOM = "The disk of the database is full: no values are taken until there is room; controllers keep them."
NOT_LISTENING = "PostgreSQL cannot be reached at the moment; live values wait for it."

log = logging.getLogger(__name__)


class Live:
    """All that runs between start and end. `failed`: it ended because of a defect in it."""

    def __init__(self, parts: Parts, courier: Courier) -> None:
        self.failed = False
        uri = parts.config.database.uri
        self.courier = courier
        self._seen = parts.seen
        self._seals = Seals(parts.pool)
        self._ids = EventIds()
        self._watch = Watch(parts.pool)
        self._keys = KeyWatch(parts.pool, parts.ring)
        self._intake = Intake(parts.config.ingest)
        parts.passwords.make_way_for(self._intake.values_come)
        self.store = Store(uri, self._ids)
        self.committer = Committer(self._intake, self.store)
        self._upkeep = Upkeep(parts.pool, parts.config)
        self.disk = DiskWatch(parts.config, parts.pool, self._upkeep.wake)
        self._clock = Clock(parts.pool, TICK)
        self._reports = Clock(parts.pool, REPORT_BACKLOGS)
        self._rollups = Rollups(parts.pool)
        self._retention = Retention(parts.config, parts.pool)
        self._health = HealthWatch(parts.health, parts.pool)
        self._source = SourceWatch(parts.pool, parts.config)
        self.hub = Hub(parts.config.stream, Newest(parts.pool))
        self._changes = ChangeReader(parts.pool, self.hub.publish_change, self.hub.start_anew)
        self._lines = Lines(parts.pool)
        self.listener = Listener(
            uri,
            self._on_connect,
            {
                DATAPOINTS: self.hub.publish,
                CHANGES: self._changes.take,
                REVOKED: self._on_revoked,
                KEYS: self._on_keys,
                EVENTS: self._on_events,
                DELIVERIES: self._on_deliveries,
                COMMANDS: self._lines.on_notify,
                CONFIGURATION: self._lines.on_configuration,
                SEEN: self._seen.take,
            },
        )
        renewals = Renewals(parts.pool, parts.tokens, parts.config.auth.controller_token_days * DAY)
        self.telemetry = Telemetry(
            parts.access, parts.pool, self._watch, self._intake, self._ids, self._lines, renewals
        )
        self.stream = Stream(parts.access, self._watch, self.hub)

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for job in (
                self.committer.run,
                self.listener.run,
                self._changes.run,
                self.telemetry.presence.run,
                self._watch.run,
                self._keys.run,
                self._upkeep.run,
                self.disk.run,
                self._clock.run,
                self._rollups.run,
                self._retention.run,
                self._seen.run,
                self._seals.run,
                self._reports.run,
                self._health.run,
                self._source.run,
                self.hub.watch_stalled,
                self.courier.run,
            ):
                group.create_task(job())

    async def drain(self) -> None:
        """Commit and acknowledge what has come in, then close every socket. The first step of stopping."""
        self._intake.refuse()
        self.courier.stop()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await self.committer.drain()
                await self._intake.all_answered()
                self._watch.close_all(RESTART, "The server restarts.")
                await self._watch.wait_until_closed()
                await self.courier.ended()
        except TimeoutError:
            self._watch.close_all(RESTART, "The server restarts.")

    def end_with(self, task: asyncio.Task[None]) -> None:
        """A sidecar that takes frames and stores nothing is worse than none: end it, and let it be started anew."""
        if not task.cancelled() and task.exception():
            log.critical("The sidecar ends because of a defect in it", exc_info=task.exception())
            self.failed = True
            os.kill(os.getpid(), signal.SIGTERM)

    async def ingest_works(self) -> Finding:
        """For /health."""
        full = self.committer.no_room and self.disk.level in (None, "refuse")  # None: only the database knows
        problem = NO_ROOM if full else self.store.problem and NOT_STORING
        return Finding("storing datapoints", problem)

    async def stream_works(self) -> Finding:
        """For /health."""
        return Finding("listening to the database", self.listener.problem and NOT_LISTENING)

    async def _on_connect(self) -> None:
        self._ids.forget()
        self._keys.check_soon()
        self._watch.check_soon()
        self.courier.wake()
        self._lines.wake_all()
        await self.hub.start_anew()

    async def _on_revoked(self, _payload: str) -> None:
        self._watch.check_soon()

    async def _on_keys(self, _payload: str) -> None:
        self._keys.check_soon()

    async def _on_events(self, _payload: str) -> None:
        self._ids.forget()

    async def _on_deliveries(self, _payload: str) -> None:
        self.courier.wake()
