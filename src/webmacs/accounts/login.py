"""Logging in, and who one is."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response
from psycopg.rows import class_row
from pydantic import BaseModel, Field
from starlette.requests import Request

from webmacs.accounts.access import as_user
from webmacs.accounts.bearer import Current
from webmacs.accounts.cookies import require_own_origin
from webmacs.accounts.fields import Body, Login, Typed
from webmacs.accounts.passwords import is_outdated
from webmacs.accounts.sessions import AccessToken, Proof, open_session
from webmacs.activity.failures import note_login_failure
from webmacs.database import Pool
from webmacs.errors import ApiError, ErrorBody
from webmacs.limits import attempts
from webmacs.web.client_address import client_address
from webmacs.web.parts import Parts, TheParts

log = logging.getLogger(__name__)
router = APIRouter()

CANDIDATE = "select user_id, state::text, password_hash from private.login_candidate(%s)"
REHASH = "select private.rehash_password(%s, %s, %s)"


class Credentials(Body):
    """What a person types in."""

    username: Login = Field(description="User name or e-mail address, in any case.")
    password: Typed
    cookie: bool = Field(False, description="For a browser: the refresh token as a cookie that no script can read.")


class Me(BaseModel):
    """Who holds the token of this request."""

    public_id: UUID
    username: str = Field(description="User name, or the name of the controller.")
    email: str | None
    role: str = Field(description="What the token may do: viewer, operator, admin or controller.")
    kind: str = Field(description="session, api_token or controller_token.")
    expires_at: datetime


@dataclass(frozen=True)
class Candidate:
    """The account that somebody wants to log in to."""

    user_id: int
    state: str
    password_hash: str | None


@router.post(
    "/auth/login",
    summary="Log in with user name or e-mail address, and password",
    responses={401: {"model": ErrorBody}, 403: {"model": ErrorBody}, 429: {"model": ErrorBody}},
)
async def login(body: Credentials, request: Request, response: Response, parts: TheParts) -> AccessToken:
    """The same answer after the same time for an unknown user, a wrong password and an account not yet approved.

    After some attempts that failed the next is looked at only after a while, which grows.
    """
    if body.cookie:
        require_own_origin(request, parts.config)
    address = client_address(request)
    with parts.passwords.place():
        attempt = await attempts.begin_login(parts.pool, body.username, address)
        candidate = await _recognise(parts, body, request)
        proof = Proof(candidate.user_id, candidate.password_hash)
        async with parts.pool.connection() as connection:
            token = await open_session(parts, connection, proof, request, response if body.cookie else None)
        if token is None:  # disabled since we looked, or the password was changed
            raise _refused(parts.config.auth.registration)
        await _keep_as_today(parts, candidate, body.password)
    await attempts.end_login(parts.pool, attempt, candidate.user_id, address)
    return token


@router.get("/auth/me", summary="Who holds the token of this request")
async def me(identity: Current, parts: TheParts) -> Me:
    """Asked of the database as the holder, like everything a person may see."""
    async with as_user(parts.pool, identity) as connection:
        cursor = await connection.execute("select email from api.me")
        row = await cursor.fetchone()
    return Me(
        public_id=identity.public_id,
        username=identity.name,
        email=row[0] if row else None,
        role=identity.role,
        kind=identity.kind,
        expires_at=identity.expires_at,
    )


async def _recognise(parts: Parts, body: Credentials, request: Request) -> Candidate:
    """Whose name and password these are. Raises ApiError unless that account may log in."""
    candidate = await _find(parts.pool, body.username)
    right = await parts.passwords.matches(body.password, candidate.password_hash if candidate else None)
    if refusal := _refusal(candidate, right):
        await note_login_failure(parts.pool, candidate.user_id if candidate else None, request, refusal)
    if candidate is None or not right or candidate.state == "pending":
        log.info("login refused, user id %s", candidate.user_id if candidate else "unknown")
        raise _refused(parts.config.auth.registration)
    if candidate.state != "active":  # said only to someone who knows the password
        raise _disabled()
    return candidate


async def _find(pool: Pool, username: str) -> Candidate | None:
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Candidate)) as cursor:
        await cursor.execute(CANDIDATE, [username])
        return await cursor.fetchone()


async def _keep_as_today(parts: Parts, candidate: Candidate, password: str) -> None:
    """Hash a password again whose hash is of an older kind."""
    stored = candidate.password_hash or ""
    if is_outdated(stored, parts.config.auth.bcrypt_rounds):
        fresh = await parts.passwords.hash(password)
        async with parts.pool.connection() as connection:
            await connection.execute(REHASH, [candidate.user_id, stored, fresh])


def _refusal(candidate: Candidate | None, right: bool) -> str | None:
    """Why this login fails, for who may know; None: it does not."""
    if candidate is None:
        return "unknown_user"
    if not right:
        return "wrong_password"
    return {"active": None, "pending": "not_approved"}.get(candidate.state, "disabled")


def _refused(registration: bool) -> ApiError:
    """Does not tell whether the account is there: who registers a name would learn from it whether it was free."""
    hint = "An account that was asked for works once an administrator has approved it." if registration else None
    return ApiError(401, "wrong_credentials", "The user name or the password is wrong.", hint=hint)


def _disabled() -> ApiError:
    return ApiError(403, "account_disabled", "This account is disabled.", hint="Ask an administrator.")
