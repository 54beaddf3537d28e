"""The seam to app.py: the sockets of this domain, and what runs behind them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter

from webmacs.parts import Parts

router = APIRouter()


@asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[None]:
    """Runs from the start of the sidecar to its end. The database may be away at either."""
    yield
