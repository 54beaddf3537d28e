"""From a token to the one who holds it. The signature is checked here, all else by the database."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row

from webmacs.accounts.identity import Identity
from webmacs.accounts.tokens import Tokens
from webmacs.activity.seen import Place, Seen
from webmacs.database import Connection, Pool
from webmacs.errors import unauthorized
from webmacs.errors.database import as_api_error

CHECK = """
    select credential_id, kind::text, user_id, controller_id, public_id, name, role::text, expires_at, read_only,
           %(claims)s::jsonb as claims
      from access.check_claims(%(claims)s::json)
"""

# The same as `set local role`.
TAKE_ROLE = "select set_config('role', %s, true)"
TAKE_CLAIMS = "select set_config('request.jwt.claims', %s, true)"
ONLY_READ = "set transaction read only"


async def _check(connection: Connection, claims: dict[str, Any]) -> Identity:
    async with connection.cursor(row_factory=class_row(Identity)) as cursor:
        await cursor.execute(CHECK, {"claims": json.dumps(claims)})
        identity = await cursor.fetchone()
    if identity is None:  # the function answers with a row or raises
        raise RuntimeError("access.check_claims answered nothing")
    return identity


class Access:
    """Answers who holds a token, now."""

    def __init__(self, pool: Pool, tokens: Tokens, seen: Seen) -> None:
        self._pool = pool
        self._tokens = tokens
        self._seen = seen

    async def admit(self, token: str, place: Place) -> Identity:
        """As `identify`; that the token was used from there is noted."""
        identity = await self.identify(token)
        self._seen.note(UUID(identity.claims["jti"]), place)
        return identity

    async def identify(self, token: str) -> Identity:
        """Who holds `token`. Raises ApiError: 401 if it is not, or no longer, valid, 503 if the database is away."""
        return await self.check(self._tokens.verify(token))

    async def check(self, claims: dict[str, Any]) -> Identity:
        """The same for claims whose signature was verified before: an open socket asks again this way."""
        try:
            async with self._pool.connection() as connection:
                return await _check(connection, claims)
        except psycopg.DataError:  # such as a `sub` that is no UUID
            raise unauthorized("The claims of the token are not valid.") from None
        except psycopg.Error as error:
            raise as_api_error(error) or error from None


@asynccontextmanager
async def as_user(pool: Pool, identity: Identity) -> AsyncIterator[Connection]:
    """A transaction in which the database sees `identity`: its role, its claims, its rights."""
    async with on_behalf_of(pool, identity) as connection:
        await connection.execute(TAKE_ROLE, [f"webmacs_{identity.role}"])
        yield connection


@asynccontextmanager
async def on_behalf_of(pool: Pool, identity: Identity) -> AsyncIterator[Connection]:
    """A transaction with the sidecar's own rights, in which the audit log names `identity`."""
    async with pool.connection() as connection, connection.transaction():
        if identity.read_only:
            await connection.execute(ONLY_READ)
        await connection.execute(TAKE_CLAIMS, [json.dumps(identity.claims)])
        yield connection
