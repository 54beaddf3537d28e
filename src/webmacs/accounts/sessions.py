"""Sessions of people: the one way in, and how a session goes on."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from webmacs.accounts import refresh_tokens
from webmacs.accounts.cookies import set_cookie
from webmacs.accounts.grants import REGISTER_KEY
from webmacs.accounts.tokens import Grant
from webmacs.activity.place import place_of
from webmacs.database import Connection
from webmacs.errors import unauthorized
from webmacs.web.parts import Parts

log = logging.getLogger(__name__)

OPEN = """
    select jti, sub, role, issued_at, expires_at, session_expires_at, null as successor_nonce, %(kid)s as kid
      from private.open_session(%(user_id)s, %(kid)s, %(session_seconds)s, %(access_seconds)s, %(refresh_hash)s,
                                %(address)s, %(agent)s, %(password_hash)s, %(identity_id)s, %(provider)s,
                                %(provider_token)s, %(trust_seconds)s)
     where jti is not null
"""
REFRESH = """
    select jti, sub, role, issued_at, expires_at, session_expires_at, successor_nonce, %(kid)s as kid
      from private.refresh_session(%(hash)s, %(nonce)s, %(successor_hash)s, %(kid)s, %(access_seconds)s)
     where jti is not null
"""
END = "select private.end_session(%s)"


class AccessToken(BaseModel):
    """A token for `Authorization: Bearer …`, here and at PostgREST, and what gets the next one."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - what it is called in RFC 6750
    expires_in: int = Field(description="Seconds.")
    refresh_token: str | None = Field(description="For POST /auth/refresh, once. Null: the browser has it as a cookie.")


@dataclass(frozen=True)
class Proof:
    """How somebody showed who they are: by the password of this hash, or as this identity at a provider.

    `provider_token` is for asking the provider again; what it has said counts for `trust_seconds`.
    """

    user_id: int
    password_hash: str | None = None
    identity_id: int | None = None
    provider: str | None = None
    provider_token: str | None = None
    trust_seconds: int | None = None


@dataclass(frozen=True)
class SessionGrant(Grant):
    """The next access token of a session. `successor_nonce`: what the next refresh token is derived with."""

    session_expires_at: datetime
    successor_nonce: bytes | None

    @property
    def session_seconds(self) -> int:
        """Seconds until the session ends, however often it is refreshed."""
        return int((self.session_expires_at - self.issued_at).total_seconds())


async def open_session(
    parts: Parts, connection: Connection, proof: Proof, request: Request, cookie: Response | None
) -> AccessToken | None:
    """Log a user in; None if the account is not active, or has another password by now.

    The refresh token goes into the answer, or, where `cookie` is given, into a cookie of that response.
    """
    refresh_token = refresh_tokens.fresh()
    address, agent = place_of(request)
    values = {
        **asdict(proof),
        "session_seconds": parts.config.auth.session_seconds,
        "refresh_hash": refresh_tokens.hashed(refresh_token),
        "address": address,
        "agent": agent,
    }
    grant = await _granted(parts, connection, OPEN, values)
    if grant is None:
        return None
    parts.seen.note(grant.jti, (address, agent))
    return _answer(parts, grant, refresh_token, cookie)


async def refresh_session(parts: Parts, refresh_token: str, request: Request, cookie: Response | None) -> AccessToken:
    """The next access token and the next refresh token. Raises ApiError 401 if the old one does not count."""
    nonce = refresh_tokens.nonce()
    values = {
        "hash": refresh_tokens.hashed(refresh_token),
        "nonce": nonce,
        "successor_hash": refresh_tokens.hashed(refresh_tokens.successor(refresh_token, nonce)),
    }
    async with parts.pool.connection() as connection:
        grant = await _granted(parts, connection, REFRESH, values)
    if grant is None or grant.successor_nonce is None:
        log.info("refresh refused")
        raise unauthorized("This refresh token does not count.", "Log in again.")
    parts.seen.note(grant.jti, place_of(request))
    return _answer(parts, grant, refresh_tokens.successor(refresh_token, grant.successor_nonce), cookie)


async def end_session(parts: Parts, refresh_token: str) -> None:
    """Log out the session that this refresh token belongs to, if it still goes on."""
    async with parts.pool.connection() as connection:
        await connection.execute(END, [refresh_tokens.hashed(refresh_token)])


async def _granted(
    parts: Parts, connection: Connection, statement: str, values: Mapping[str, Any]
) -> SessionGrant | None:
    kid = parts.tokens.keys.current.kid
    await connection.execute(REGISTER_KEY, [kid])
    async with connection.cursor(row_factory=class_row(SessionGrant)) as cursor:
        await cursor.execute(statement, {**values, "kid": kid, "access_seconds": parts.config.auth.access_seconds})
        return await cursor.fetchone()


def _answer(parts: Parts, grant: SessionGrant, refresh_token: str, cookie: Response | None) -> AccessToken:
    if cookie is not None:
        set_cookie(cookie, parts.config, refresh_token, grant.session_seconds)
    return AccessToken(
        access_token=parts.tokens.sign(grant),
        expires_in=grant.lifetime,
        refresh_token=None if cookie else refresh_token,
    )
