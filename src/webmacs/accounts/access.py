"""From a token to the one who holds it. The signature is checked here, all else by the database."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from psycopg import sql
from psycopg.rows import class_row

from webmacs.accounts.identity import Identity
from webmacs.database import Connection, Pool

CHECK = """
    select credential_id, kind::text, user_id, controller_id, public_id, name, role::text, expires_at,
           %(claims)s::jsonb as claims
      from access.check_claims(%(claims)s::json)
"""


class Verifier(Protocol):
    """Turns a token into its claims, or raises ApiError 401."""

    def verify(self, token: str) -> dict[str, Any]: ...


class Access:
    """Answers who holds a token, now."""

    def __init__(self, pool: Pool, tokens: Verifier) -> None:
        self._pool = pool
        self._tokens = tokens

    async def identify(self, token: str) -> Identity:
        """Who holds `token`. Raises ApiError 401 if it is not, or no longer, valid."""
        return await self.check(self._tokens.verify(token))

    async def check(self, claims: dict[str, Any]) -> Identity:
        """The same for claims whose signature was verified before: an open socket asks again this way."""
        async with self._pool.connection() as connection, connection.cursor(row_factory=class_row(Identity)) as cursor:
            await cursor.execute(CHECK, {"claims": json.dumps(claims)})
            identity = await cursor.fetchone()
        if identity is None:  # the function answers with a row or raises
            raise RuntimeError("access.check_claims answered nothing")
        return identity


@asynccontextmanager
async def as_user(pool: Pool, identity: Identity) -> AsyncIterator[Connection]:
    """A transaction in which the database sees `identity`: its role, its claims, its rights."""
    role = sql.Identifier(f"webmacs_{identity.role}")
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(sql.SQL("set local role {}").format(role))
        await connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps(identity.claims)])
        yield connection
