"""The seam to app.py: the sockets of the sidecar, and what runs behind them from its start to its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send

from webmacs.live.live import Live
from webmacs.web.parts import Parts
from webmacs.webhooks.courier import Courier


class _Endpoint:
    """Finds the running endpoint of that name when a socket opens."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await getattr(scope["app"].state.live, self._name)(scope, receive, send)


router = APIRouter()
router.routes.append(WebSocketRoute("/ws/controller/telemetry", _Endpoint("telemetry")))
router.routes.append(WebSocketRoute("/ws/datapoints/stream", _Endpoint("stream")))


@asynccontextmanager
async def running(parts: Parts, courier: Courier) -> AsyncIterator[Live]:
    """Runs from the start of the sidecar to its end. The database may be away at either."""
    live = Live(parts, courier)
    parts.health.add("ingest", live.ingest_works)
    parts.health.add("stream", live.stream_works)
    task = asyncio.create_task(live.run())
    task.add_done_callback(live.end_with)
    try:
        yield live
    finally:
        task.cancel()
        await asyncio.wait([task])
        await live.telemetry.presence.report()  # they have left
        await live.store.close()
