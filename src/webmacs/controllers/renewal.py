"""A controller's next token, over its socket: from the middle of a token's life on, so that it never runs out."""

import asyncio
import logging
from dataclasses import dataclass

import psycopg
from psycopg_pool import PoolTimeout

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.grants import REGISTER_KEY
from webmacs.accounts.identity import Identity
from webmacs.accounts.lifetimes import DAY
from webmacs.accounts.tokens import Grant, Tokens
from webmacs.database import Pool
from webmacs.datapoints.acks import Answers

RENEW = """
    select due_in, signed_by, jti, sub, role, issued_at, expires_at
      from private.renew_controller_token(%s, %s, %s)
"""
RETRY_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Renewals:
    """What renewing needs. `seconds`: how long a fresh token lasts."""

    pool: Pool
    tokens: Tokens
    seconds: int


class Renewal:
    """Of one socket."""

    def __init__(self, renewals: Renewals, identity: Identity, answers: Answers) -> None:
        self._renewals = renewals
        self._identity = identity
        self._answers = answers
        self._greeted = asyncio.Event()

    def greet(self) -> None:
        """A controller has said hello."""
        self._greeted.set()

    async def run(self) -> None:
        """Work until cancelled. While the old token is used the same fresh one is told again each day."""
        await self._greeted.wait()
        while True:
            try:
                wait = await self._renew()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("The token of controller %s cannot be renewed now: %s", self._identity.name, error)
                wait = RETRY_SECONDS
            await asyncio.sleep(wait)

    async def _renew(self) -> float:
        """Send the next token if it is time. How many seconds to wait before the next try."""
        tokens = self._renewals.tokens
        kid = tokens.keys.current.kid
        async with on_behalf_of(self._renewals.pool, self._identity) as connection:
            await connection.execute(REGISTER_KEY, [kid])
            values = [self._identity.credential_id, kid, self._renewals.seconds]
            row = await (await connection.execute(RENEW, values)).fetchone()
        due_in, signed_by, *columns = row or (None, None, None)
        if columns[0] is None:
            return min(due_in or DAY, DAY)
        grant = Grant(*columns, kid=signed_by)
        self._answers.message(
            {"type": "token", "token": tokens.sign(grant), "expires_at": grant.expires_at.isoformat()}
        )
        log.info("controller %s is given a fresh token, valid until %s", self._identity.name, grant.expires_at)
        return DAY
