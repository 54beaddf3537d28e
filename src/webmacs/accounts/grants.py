"""New tokens: a row of credentials is made and its claims are signed. For the sidecar and the command alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.rows import class_row

from webmacs.accounts.tokens import Grant, Tokens
from webmacs.database import Connection

REGISTER_KEY = "select private.register_key(%s)"

FOR_PROGRAM = """
    select jti, sub, claim_role as role, issued_at, expires_at, %(kid)s as kid
      from private.issue_api_token(%(user_id)s, %(role)s, %(name)s, %(kid)s, %(seconds)s, %(read_only)s)
"""

FOR_CONTROLLER = """
    select jti, sub, role, issued_at, expires_at, %(kid)s as kid
      from private.issue_controller_token(%(name)s, %(kid)s, %(seconds)s)
"""

FOR_KNOWN_CONTROLLER = """
    select jti, sub, role, issued_at, expires_at, %(kid)s as kid
      from private.issue_token_for_controller(%(controller)s, %(kid)s, %(seconds)s)
"""


@dataclass(frozen=True)
class Issued:
    """A signed token and the row that it names."""

    token: str
    grant: Grant


async def issue(connection: Connection, tokens: Tokens, statement: str, values: Mapping[str, Any]) -> Issued | None:
    """Make a token with one of the statements above; None if the database grants nothing."""
    kid = tokens.keys.current.kid
    await connection.execute(REGISTER_KEY, [kid])
    async with connection.cursor(row_factory=class_row(Grant)) as cursor:
        await cursor.execute(statement, {**values, "kid": kid})
        grant = await cursor.fetchone()
    return Issued(tokens.sign(grant), grant) if grant else None
