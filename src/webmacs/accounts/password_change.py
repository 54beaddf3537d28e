"""Changing one's own password."""

from dataclasses import dataclass

from fastapi import APIRouter
from psycopg.rows import class_row

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.bearer import CurrentLogin
from webmacs.accounts.fields import Body, NewPassword, Typed
from webmacs.accounts.identity import Identity
from webmacs.database import Pool
from webmacs.errors import ApiError, ErrorBody
from webmacs.limits import attempts
from webmacs.web.parts import TheParts

OWN = "select password_hash, email from private.own_password(%s)"
CHANGE = "select private.change_password(%s, %s, %s, %s::uuid)"

router = APIRouter()


class PasswordChange(Body):
    """The password that is, and the one that shall be."""

    old_password: Typed
    new_password: NewPassword


@dataclass(frozen=True)
class Own:
    """What must be known of an account to change its password."""

    password_hash: str | None
    email: str | None


@router.post(
    "/auth/password",
    status_code=204,
    summary="Change one's own password",
    responses={status: {"model": ErrorBody} for status in (403, 409, 429)},
)
async def change_password(body: PasswordChange, identity: CurrentLogin, parts: TheParts) -> None:
    """Ends all other sessions of the user; this one goes on, and so do API tokens. What fails is counted."""
    with parts.passwords.place():
        await attempts.begin_password_change(parts.pool, identity.user_id)
        own = await _own(parts.pool, identity)
        if own is None or own.password_hash is None:
            raise _without_one()
        if not await parts.passwords.matches(body.old_password, own.password_hash):
            raise _wrong()
        await parts.passwords.require_strong(body.new_password, [identity.name, own.email or ""])
        stored = await parts.passwords.hash(body.new_password)
    values = [identity.user_id, own.password_hash, stored, identity.claims["jti"]]
    async with on_behalf_of(parts.pool, identity) as connection:
        row = await (await connection.execute(CHANGE, values)).fetchone()
    if row != (True,):  # changed by another since we looked
        raise _wrong()


async def _own(pool: Pool, identity: Identity) -> Own | None:
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Own)) as cursor:
        await cursor.execute(OWN, [identity.user_id])
        return await cursor.fetchone()


def _without_one() -> ApiError:
    hint = "Ask an administrator for a one-time secret, and set a password with it."
    return ApiError(409, "no_password", "This account has no password that could be changed.", hint=hint)


def _wrong() -> ApiError:
    return ApiError(403, "wrong_password", "The old password is wrong.")
