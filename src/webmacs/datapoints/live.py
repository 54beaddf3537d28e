"""The seam to app.py: the sockets of this domain, and what runs behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from webmacs.datapoints.committer import Committer
from webmacs.datapoints.event_ids import EventIds
from webmacs.datapoints.intake import Intake
from webmacs.datapoints.store import Store
from webmacs.datapoints.telemetry import Telemetry
from webmacs.datapoints.watch import Watch
from webmacs.parts import Parts


@dataclass(frozen=True)
class Live:
    """What runs between start and end."""

    telemetry: Telemetry


async def _telemetry(scope: Scope, receive: Receive, send: Send) -> None:
    await scope["app"].state.live.telemetry(scope, receive, send)


class _Endpoint:
    async def __call__(self, scope, receive, send):
        await scope["app"].state.live.telemetry(scope, receive, send)

router = APIRouter()
router.routes.append(WebSocketRoute("/ws/controller/telemetry", _Endpoint()))


@asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[Live]:
    """Runs from the start of the sidecar to its end. The database may be away at either."""
    ids = EventIds()
    intake = Intake(parts.config.ingest)
    store = Store(parts.config.database.uri, ids)
    committer = Committer(intake, store)
    watch = Watch(parts.pool)
    tasks = [asyncio.ensure_future(committer.run()), asyncio.ensure_future(watch.run())]
    try:
        yield Live(Telemetry(parts.access, parts.pool, watch, intake, ids))
    finally:
        for t in tasks: t.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await store.close()
