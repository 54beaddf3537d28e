"""Attempts to get in. Each is counted before it is looked at; the database decides, for all sidecars together."""

import logging
from dataclasses import dataclass

from psycopg.rows import class_row

from webmacs.database import Pool
from webmacs.errors import ApiError
from webmacs.limits.refusal import too_many

LOGIN = "select * from private.begin_login(%s, %s)"
BY_ADDRESS = "select * from private.begin_by_address(%s, %s)"
PASSWORD_CHANGE = "select * from private.begin_password_change(%s)"  # noqa: S105 - a statement
END = "select private.end_attempt(%s, %s)"
END_LOGIN = "select private.end_login(%s, %s, %s, %s)"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """What was counted, to be taken back if it succeeds. `retry_after`: seconds until one is looked at."""

    retry_after: int
    kinds: list[str]
    subjects: list[str]


async def begin_login(pool: Pool, login: str, address: str | None) -> Attempt:
    """Count a login with this name. Raises ApiError 429: its password must not be looked at."""
    return await _begin(pool, LOGIN, login, address)


async def begin_reset(pool: Pool, address: str | None) -> Attempt:
    """Count somebody who says to have a one-time secret. Raises ApiError 429."""
    return await _begin(pool, BY_ADDRESS, "reset", address)


async def count_registration(pool: Pool, address: str | None) -> None:
    """Count an account that somebody asks for; it is not taken back. Raises ApiError 429."""
    await _begin(pool, BY_ADDRESS, "register", address)


async def begin_password_change(pool: Pool, user_id: int | None) -> Attempt:
    """Count an old password that somebody says who is logged in. Raises ApiError 429."""
    return await _begin(pool, PASSWORD_CHANGE, user_id)


async def end(pool: Pool, attempt: Attempt) -> None:
    """It succeeded."""
    async with pool.connection() as connection:
        await connection.execute(END, [attempt.kinds, attempt.subjects])


async def end_login(pool: Pool, attempt: Attempt, user_id: int, address: str | None) -> None:
    """The same for a login: the user is at home at this address now."""
    async with pool.connection() as connection:
        await connection.execute(END_LOGIN, [attempt.kinds, attempt.subjects, user_id, address])


async def _begin(pool: Pool, statement: str, *values: object) -> Attempt:
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Attempt)) as cursor:
        await cursor.execute(statement.encode(), values)
        attempt = await cursor.fetchone()
    if attempt is None:  # the functions answer with a row
        raise RuntimeError(f"{statement} answered nothing")
    if attempt.retry_after:
        log.info("too many attempts: %s", ", ".join(attempt.kinds))
        raise _refused(attempt.retry_after)
    return attempt


def _refused(seconds: int) -> ApiError:
    return too_many("too_many_attempts", "There were too many attempts.", seconds)
