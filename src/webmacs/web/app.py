"""The FastAPI application: its parts, its routes, its middleware."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from webmacs import __version__, here
from webmacs.accounts import routes as accounts
from webmacs.accounts.access import Access
from webmacs.accounts.password_queue import PasswordQueue
from webmacs.accounts.tokens import Tokens
from webmacs.activity.seen import Seen
from webmacs.config import Config
from webmacs.database import make_pool
from webmacs.embedded.postgrest import allowed_origins
from webmacs.errors import ErrorBody, answers
from webmacs.errors.answers import CatchAll
from webmacs.export import routes as export
from webmacs.health import Health
from webmacs.health.checks import clock_check, database_check, keys_check, postgrest_check
from webmacs.imports import routes as imports
from webmacs.keys.ring import Ring
from webmacs.limits.requests import RequestLimit
from webmacs.live import running as live
from webmacs.metrics import routes as metrics
from webmacs.metrics.traffic import Traffic
from webmacs.ota import routes as ota
from webmacs.ota.source import routes as ota_source
from webmacs.ota.source.fetching import Fetches
from webmacs.plugins import routes as plugins
from webmacs.services import routes as services
from webmacs.services.services import Services
from webmacs.sso import routes as sso
from webmacs.sso.providers import providers
from webmacs.web import docs, public_routes
from webmacs.web.access_log import AccessLog
from webmacs.web.body_limit import BodyLimit
from webmacs.web.page import Page
from webmacs.web.parts import Parts
from webmacs.web.request_id import RequestId
from webmacs.web.room import Room
from webmacs.web.security_headers import SecurityHeaders
from webmacs.web.whole_body import WholeBody
from webmacs.webhooks import running as webhooks

# At once. Each export has a connection to PostgreSQL, and keeps one of its processors busy.
EXPORTS = 4
IMPORTS = 2
PACKAGES = 4
# How any address may refuse: a body that is no JSON, one that is too large, wrong fields, too often, no database.
ANYWHERE = (400, 413, 422, 429, 503)


def create_app(config: Config) -> FastAPI:
    """The sidecar. It starts without a database and serves as soon as there is one."""
    ring = Ring(config)
    traffic = Traffic()
    app = FastAPI(
        title="WebMACS sidecar",
        version=__version__,
        description="What a database cannot do: logging in, sockets, files. Everything else is the REST API.",
        lifespan=_lifespan(config, ring),
        middleware=_middleware(config, traffic),
        responses={status: {"model": ErrorBody} for status in ANYWHERE},
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.state.traffic = traffic
    answers.register(app)
    for router in (
        accounts.router,
        sso.router,
        services.router,
        public_routes.router,
        docs.router,
        live.router,
        export.router,
        imports.router,
        plugins.router,
        metrics.router,
        ota.router,
        ota_source.router,
    ):
        app.include_router(router)
    app.router.default = Page(config.server.page)
    return app


def _middleware(config: Config, traffic: Traffic) -> list[Middleware]:
    """Outermost first. An error is answered inside all that add headers, so that they are on its answer too."""
    return [
        Middleware(WholeBody),
        Middleware(RequestId),
        Middleware(AccessLog, config=config, traffic=traffic),
        Middleware(SecurityHeaders, config=config),
        Middleware(
            CORSMiddleware,
            allow_origins=allowed_origins(config),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Request-ID"],
            expose_headers=["X-Request-ID", "Retry-After", "Date", "Content-Disposition"],
        ),
        Middleware(RequestLimit, config=config),
        Middleware(CatchAll),
        Middleware(BodyLimit),
    ]


def _lifespan(config: Config, ring: Ring) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tokens = Tokens(ring, config.auth)
        passwords = PasswordQueue(config.auth.bcrypt_rounds, config.auth.login_queue)
        async with (
            make_pool(config) as pool,
            here.rest_api(config).async_client() as rest_api,
            providers(config) as identity_providers,
            Fetches(pool, config) as fetches,
        ):
            seen = Seen(pool)
            parts = Parts(
                config,
                pool,
                ring,
                tokens,
                Access(pool, tokens, seen),
                seen,
                passwords,
                Health(),
                Room(EXPORTS, "exports"),
                Room(IMPORTS, "imports"),
                Room(PACKAGES, "transfers of packages"),
                fetches,
                identity_providers,
                Services(config.services, pool, tokens),
            )
            parts.health.add("database", database_check(pool))
            parts.health.add("postgrest", postgrest_check(rest_api, tokens))
            parts.health.add("clock", clock_check(pool))
            parts.health.add("keys", keys_check(config, tokens))
            app.state.parts = parts
            async with webhooks.running(parts) as courier, live.running(parts, courier) as app.state.live:
                yield
            await passwords.close()

    return lifespan
