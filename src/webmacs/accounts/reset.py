"""Setting a password with a one-time secret: an invitation, or the way back in."""

import logging
from dataclasses import dataclass
from hashlib import sha256

from fastapi import APIRouter
from psycopg.rows import class_row
from pydantic import Field
from starlette.requests import Request

from webmacs.accounts.fields import Body, NewPassword, Typed
from webmacs.database import Pool
from webmacs.errors import ApiError, ErrorBody
from webmacs.limits import attempts
from webmacs.web.client_address import client_address
from webmacs.web.parts import TheParts

WHOSE = "select username, email from private.password_reset(%s) where user_id is not null"
USE = "select private.use_password_reset(%s, %s)"

log = logging.getLogger(__name__)
router = APIRouter()


class Reset(Body):
    """The secret that somebody was given, and the password that shall be."""

    secret: Typed = Field(description="Of rpc/reset_password of the REST API, or of `webmacs user reset`.")
    password: NewPassword


@dataclass(frozen=True)
class Owner:
    """Whose secret it is."""

    username: str
    email: str | None


@router.post(
    "/auth/reset",
    status_code=204,
    summary="Set a password with a one-time secret",
    responses={403: {"model": ErrorBody}, 429: {"model": ErrorBody}},
)
async def reset(body: Reset, request: Request, parts: TheParts) -> None:
    """Uses the secret up, unless the password cannot be one. Ends all sessions of the user; API tokens go on."""
    attempt = await attempts.begin_reset(parts.pool, client_address(request))
    secret_hash = sha256(body.secret.encode()).digest()
    owner = await _find(parts.pool, secret_hash)
    if owner is None:
        log.info("reset refused")
        raise _refused()
    with parts.passwords.place():
        await parts.passwords.require_strong(body.password, [owner.username, owner.email or ""])
        stored = await parts.passwords.hash(body.password)
    async with parts.pool.connection() as connection:
        row = await (await connection.execute(USE, [secret_hash, stored])).fetchone()
    if row != (True,):  # used by another since we looked
        raise _refused()
    await attempts.end(parts.pool, attempt)


async def _find(pool: Pool, secret_hash: bytes) -> Owner | None:
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Owner)) as cursor:
        await cursor.execute(WHOSE, [secret_hash])
        return await cursor.fetchone()


def _refused() -> ApiError:
    message = "This secret does not count: it was used or replaced, or is too old."
    return ApiError(403, "wrong_secret", message, hint="Ask an administrator for another.")
