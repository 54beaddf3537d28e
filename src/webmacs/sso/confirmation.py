"""Whether sessions by a provider may go on: it is asked again when they are refreshed, and what it says is followed."""

import asyncio
import logging
from dataclasses import dataclass

from psycopg.rows import class_row

from webmacs.accounts import refresh_tokens
from webmacs.config import Sso
from webmacs.database import Pool
from webmacs.errors import unauthorized
from webmacs.sso.http import Json
from webmacs.sso.person import Person
from webmacs.sso.provider import Provider
from webmacs.sso.refusal import Refusal, unavailable
from webmacs.web.parts import Parts

CLAIM = """
    select credential_id, provider, subject, refresh_token
      from private.claim_sso_check(%s)
     where credential_id is not null
"""
KEEP = "select private.keep_sso_token(%s, %s)"
CONFIRM = "select private.confirm_sso_session(%s, %s::api.role, %s, %s)"
REFUSE = "select private.refuse_sso_session(%s, %s)"
# For all that a provider is asked at once. The browser may come again with the same token, which is forgiven for 10.
SECONDS = 8.0
LONGEST_TOKEN = 16_384  # characters
# These say nothing of the person: the session goes on until what was said before is too old.
NO_ANSWER = {"provider_unavailable", "answer_not_valid"}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Check:
    """The session that a provider is asked about, as whom it knows the person, and with what it is asked."""

    credential_id: int
    provider: str
    subject: str
    refresh_token: str


def refresh_token_in(answer: Json, settings: Sso) -> str | None:
    """The refresh token to keep. None of a public client: whoever read it in a backup could use it."""
    token = answer.get("refresh_token")
    usable = isinstance(token, str) and token.isascii() and token.isprintable() and len(token) <= LONGEST_TOKEN
    return token if usable and settings.client_secret else None


async def confirm_session(parts: Parts, refresh_token: str) -> None:
    """Ask the provider, if this session came by one. Raises ApiError 401 if it says no; then the session has ended."""
    check = await _claim(parts.pool, refresh_token)
    if check is None:
        return
    try:
        await _confirm(parts, check)
    except Refusal as refusal:
        log.info("a session by %s was not confirmed: %s", check.provider, refusal)
        if refusal.code not in NO_ANSWER:
            await _execute(parts.pool, REFUSE, check.credential_id, str(refusal))
            message = "The identity provider says that this login counts no longer."
            raise unauthorized(message, "Log in again.") from None


async def _confirm(parts: Parts, check: Check) -> None:
    provider = parts.providers.get(check.provider)
    if provider is None:
        raise Refusal("unknown_provider", "the provider is configured no longer")
    try:
        async with asyncio.timeout(SECONDS):
            person = await _ask(parts.pool, provider, check)
    except TimeoutError:
        raise unavailable("the provider takes too long") from None
    settings = provider.settings
    values = [check.credential_id, person.role, settings.allow_admin, settings.trust_seconds]
    if refusal := await _execute(parts.pool, CONFIRM, *values):
        raise Refusal(str(refusal))


async def _ask(pool: Pool, provider: Provider, check: Check) -> Person:
    answer = await provider.renew(check.refresh_token)
    newer = refresh_token_in(answer, provider.settings)
    if newer:  # kept before anything else is asked: the one before may count no longer
        await _execute(pool, KEEP, check.credential_id, newer)
    return await provider.person_again(answer, check.subject)


async def _claim(pool: Pool, refresh_token: str) -> Check | None:
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Check)) as cursor:
        await cursor.execute(CLAIM, [refresh_tokens.hashed(refresh_token)])
        return await cursor.fetchone()


async def _execute(pool: Pool, statement: str, *values: object) -> object:
    async with pool.connection() as connection:
        row = await (await connection.execute(statement.encode(), values)).fetchone()
    return row[0] if row else None
