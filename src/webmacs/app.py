"""The FastAPI application: its parts, its routes, its middleware."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from webmacs import __version__
from webmacs.accounts.access import Access
from webmacs.accounts.keys import ensure_key
from webmacs.accounts.tokens import Tokens
from webmacs.config import Config
from webmacs.database import make_pool
from webmacs.datapoints import live
from webmacs.health import Health
from webmacs.parts import Parts


def create_app(config: Config) -> FastAPI:
    """The sidecar. It starts without a database and serves as soon as there is one."""
    app = FastAPI(title="WebMACS sidecar", version=__version__, lifespan=_lifespan(config))
    app.include_router(live.router)
    return app


def _lifespan(config: Config) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with make_pool(config) as pool:
            tokens = Tokens(ensure_key(config), config.auth)
            parts = Parts(config, pool, Access(pool, tokens), Health())
            app.state.parts = parts
            async with live.running(parts):
                yield

    return lifespan
