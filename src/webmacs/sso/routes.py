"""Logging in by an identity provider. Browsers come here and leave; what went wrong is said by the page."""

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from urllib.parse import urlencode

import psycopg
from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from webmacs.accounts.cookies import require_own_origin
from webmacs.accounts.fields import Body
from webmacs.accounts.sessions import AccessToken, Proof, open_session
from webmacs.activity.failures import note_login_failure
from webmacs.errors import ApiError, ErrorBody
from webmacs.sso import steps, store
from webmacs.sso.browser import browser_of, mark
from webmacs.sso.providers import CALLBACK
from webmacs.sso.refusal import Refusal
from webmacs.sso.store import TakenCode
from webmacs.web.parts import Parts, TheParts

log = logging.getLogger(__name__)
router = APIRouter(tags=["accounts"])

AUTHORIZE = "/auth/sso/authorize"
# As logins by password call it.
FAILURES = {"account_pending": "not_approved", "account_disabled": "disabled"}
# Browsers take // and /\ for the begin of another host, and leave out tabs and line breaks.
LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def check_local(path: str) -> str:
    """The same path; raises ValueError if it could lead to another server."""
    if not LOCAL.fullmatch(path) or len(path) > 1000:
        raise ValueError("next must be a path of this page, such as /events, of at most 1000 characters.")
    return path


LocalPath = Annotated[str, AfterValidator(check_local), Query(alias="next")]
Text = Annotated[str | None, Query(max_length=4096)]


class ProviderButton(BaseModel):
    """A provider to log in by."""

    name: str
    label: str = Field(description="What the button says.")
    authorize_url: str = Field(description="Where the button leads; `&next=/path` says where to go afterwards.")


class SsoConfig(BaseModel):
    """All providers, in the order of the configuration; none where there are none."""

    providers: list[ProviderButton]


class OneTimeCode(Body):
    """What the browser was given when it came back."""

    code: Annotated[str, Field(max_length=200)]
    cookie: bool = Field(False, description="For a browser: the refresh token as a cookie that no script can read.")


@router.get("/auth/sso/config", summary="The identity providers that people log in by")
async def sso_config(parts: TheParts) -> SsoConfig:
    """Addresses at the public address, where the provider sends browsers back to: cookies are of one host."""
    base = parts.config.server.public_url
    return SsoConfig(
        providers=[
            ProviderButton(name=one.name, label=one.label, authorize_url=f"{base}{AUTHORIZE}?provider={one.name}")
            for one in parts.config.sso
        ]
    )


@router.get(
    AUTHORIZE,
    status_code=303,
    response_class=RedirectResponse,
    summary="Send a browser to a provider",
    responses={404: {"model": ErrorBody}},
)
async def authorize(request: Request, parts: TheParts, provider: str, next_path: LocalPath = "/") -> RedirectResponse:
    """To be visited, not fetched. If the provider does not answer the browser is sent to the page, which says so."""
    if provider not in parts.providers:
        raise ApiError(404, "unknown_provider", "There is no such identity provider.", hint="See /auth/sso/config.")
    browser = browser_of(request, parts.config) or steps.random_secret()
    try:
        address = await steps.go(parts.pool, parts.providers[provider], browser, next_path)
    except (Refusal, psycopg.Error) as error:
        return _refused(parts, provider, error, next_path)
    response = RedirectResponse(address, 303)
    mark(response, browser, parts.config)
    return response


@router.get(
    CALLBACK, status_code=303, response_class=RedirectResponse, summary="Where a provider sends browsers back to"
)
async def callback(
    request: Request,
    parts: TheParts,
    state: Text = None,
    code: Text = None,
    error: Text = None,
    iss: Text = None,
) -> RedirectResponse:
    """Sends the browser on to the page, with a one-time code or the reason why not."""
    browser = browser_of(request, parts.config)
    name, next_path = "a provider", "/"
    try:
        login = await store.take_login(parts.pool, state, browser) if state and browser else None
        if login is None or login.provider not in parts.providers:
            raise Refusal("login_unknown", "this browser has begun no login with this state, or not lately")
        name, next_path = login.provider, login.next
        answer = steps.Answer(code, error, iss)
        async with _failures_noted(parts, request):
            one_time = await steps.come_back(parts.pool, parts.providers[name], login, answer, browser or "")
    except (Refusal, psycopg.Error) as problem:
        return _refused(parts, name, problem, next_path)
    return _to_page(parts, {"sso_code": one_time}, next_path)


@router.post(
    "/auth/sso/exchange",
    summary="Exchange the one-time code for a session",
    responses={401: {"model": ErrorBody}, 403: {"model": ErrorBody}},
)
async def exchange(body: OneTimeCode, request: Request, response: Response, parts: TheParts) -> AccessToken:
    """Once, within 60 seconds, by the browser that was given the code."""
    if body.cookie:
        require_own_origin(request, parts.config)
    browser = browser_of(request, parts.config)
    # in one transaction: who is unlinked meanwhile has no session
    async with parts.pool.connection() as connection, connection.transaction():
        taken = await store.take_code(connection, body.code, browser) if browser else None
        proof = _proof(parts, taken) if taken else None
        cookie = response if body.cookie else None
        token = await open_session(parts, connection, proof, request, cookie) if proof else None
    if proof is None:
        raise ApiError(401, "wrong_code", "This login has expired or was used before.", hint="Log in again.")
    if token is None:
        raise ApiError(403, "account_disabled", "This account is disabled.", hint="Ask an administrator.")
    return token


def _proof(parts: Parts, taken: TakenCode) -> Proof | None:
    """None if the provider is configured no longer."""
    provider = parts.providers.get(taken.provider)
    return (
        Proof(
            taken.user_id,
            identity_id=taken.identity_id,
            provider=taken.provider,
            provider_token=taken.refresh_token,
            trust_seconds=provider.settings.trust_seconds,
        )
        if provider
        else None
    )


@asynccontextmanager
async def _failures_noted(parts: Parts, request: Request) -> AsyncIterator[None]:
    """Of logins that this browser has begun: anybody can come with an address that was made up."""
    try:
        yield
    except Refusal as refusal:
        if refusal.code != "provider_unavailable":
            reason = FAILURES.get(refusal.code, "sso_refused")
            await note_login_failure(parts.pool, refusal.user_id, request, reason)
        raise


def _refused(parts: Parts, provider: str, error: Refusal | psycopg.Error, next_path: str) -> RedirectResponse:
    code = error.code if isinstance(error, Refusal) else "server_unavailable"
    log.info("login by %s refused: %s", provider, error)
    return _to_page(parts, {"sso_error": code}, next_path)


def _to_page(parts: Parts, outcome: dict[str, str], next_path: str) -> RedirectResponse:
    query = outcome | ({"next": next_path} if next_path != "/" else {})
    return RedirectResponse(f"{parts.config.server.public_url}/sign-in?{urlencode(query)}", 303)
