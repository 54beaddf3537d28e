"""Logging in and out, and who one is."""

import logging
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from psycopg.rows import class_row
from pydantic import BaseModel, Field

from webmacs.accounts.access import as_user, on_behalf_of
from webmacs.accounts.bearer import Current
from webmacs.accounts.fields import Body, Login, Typed
from webmacs.accounts.grants import FOR_SESSION, issue
from webmacs.database import Pool
from webmacs.errors import ApiError, ErrorBody
from webmacs.web.parts import TheParts

log = logging.getLogger(__name__)
router = APIRouter()

CANDIDATE = "select user_id, state::text, password_hash from private.login_candidate(%s)"


class Credentials(Body):
    """What a person types in."""

    username: Login = Field(description="User name or e-mail address, in any case.")
    password: Typed


class AccessToken(BaseModel):
    """A token for `Authorization: Bearer …`, here and at PostgREST."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - what it is called in RFC 6750
    expires_in: int = Field(description="Seconds.")


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
async def login(body: Credentials, parts: TheParts) -> AccessToken:
    """The same answer after the same time for an unknown user, a wrong password and an account not yet approved."""
    parts.passwords.require_room()
    candidate = await _find(parts.pool, body.username)
    right = await parts.passwords.matches(body.password, candidate.password_hash if candidate else None)
    if candidate is None or not right or candidate.state == "pending":
        log.info("login refused, user id %s", candidate.user_id if candidate else "unknown")
        raise _refused(parts.config.auth.registration)
    if candidate.state != "active":  # said only to someone who knows the password
        raise _disabled()
    values = {"user_id": candidate.user_id, "seconds": parts.config.auth.session_seconds}
    async with parts.pool.connection() as connection:
        issued = await issue(connection, parts.tokens, FOR_SESSION, values)
    if issued is None:  # disabled since we looked
        raise _disabled()
    return AccessToken(access_token=issued.token, expires_in=issued.grant.lifetime)


@router.post(
    "/auth/logout",
    status_code=204,
    summary="End this session, at once and everywhere",
    responses={400: {"model": ErrorBody}},
)
async def logout(identity: Current, parts: TheParts) -> None:
    """Only a login can log out; an API token is ended by PostgREST's rpc/revoke."""
    if identity.kind != "session":
        raise ApiError(
            400,
            "not_a_session",
            "This token is not a login, so it cannot log out.",
            hint="End an API token by POST /rpc/revoke of the REST API, or `webmacs token revoke`.",
        )
    async with on_behalf_of(parts.pool, identity) as connection:
        await connection.execute("select private.revoke(%s::uuid)", [identity.claims["jti"]])


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


async def _find(pool: Pool, username: str) -> Candidate | None:
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Candidate)) as cursor:
        await cursor.execute(CANDIDATE, [username])
        return await cursor.fetchone()


def _refused(registration: bool) -> ApiError:
    """Does not tell whether the account is there: who registers a name would learn from it whether it was free."""
    hint = "An account that was asked for works once an administrator has approved it." if registration else None
    return ApiError(401, "wrong_credentials", "The user name or the password is wrong.", hint=hint)


def _disabled() -> ApiError:
    return ApiError(403, "account_disabled", "This account is disabled.", hint="Ask an administrator.")
