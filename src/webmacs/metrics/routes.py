"""GET /metrics, for who comes by the port that is there for it."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from webmacs.metrics.figure import CONTENT_TYPE, text
from webmacs.metrics.gather import gather
from webmacs.web.parts import TheParts

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def metrics(request: Request, parts: TheParts) -> PlainTextResponse:
    """At [server] metrics_port of 127.0.0.1 alone; each sidecar tells its own figures and those of the database."""
    _, port = request.scope["server"]
    if port is None or port != parts.config.server.metrics_port:
        raise HTTPException(404)
    state = request.app.state
    return PlainTextResponse(text(await gather(parts, state.live, state.traffic)), media_type=CONTENT_TYPE)
