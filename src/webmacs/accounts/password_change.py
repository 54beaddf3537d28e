"""Changing one's own password."""

from fastapi import APIRouter

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.bearer import CurrentWriter
from webmacs.accounts.fields import Body, NewPassword, Typed
from webmacs.accounts.identity import Identity
from webmacs.database import Pool
from webmacs.errors import ApiError, ErrorBody
from webmacs.limits import attempts
from webmacs.web.parts import TheParts

router = APIRouter()


class PasswordChange(Body):
    """The password that is, and the one that shall be."""

    old_password: Typed
    new_password: NewPassword


@router.post(
    "/auth/password",
    status_code=204,
    summary="Change one's own password",
    responses={403: {"model": ErrorBody}, 429: {"model": ErrorBody}},
)
async def change_password(body: PasswordChange, identity: CurrentWriter, parts: TheParts) -> None:
    """Ends all other sessions of the user; this one goes on, and so do API tokens. Wrong old ones are counted."""
    with parts.passwords.place():
        await parts.passwords.require_strong(body.new_password, [identity.name])
        await attempts.begin_password_change(parts.pool, identity.user_id)
        if not await parts.passwords.matches(body.old_password, await _stored(parts.pool, identity)):
            raise ApiError(403, "wrong_password", "The old password is wrong.")
        stored = await parts.passwords.hash(body.new_password)
    async with on_behalf_of(parts.pool, identity) as connection:
        values = [identity.user_id, stored, identity.claims["jti"]]
        await connection.execute("select private.set_password(%s, %s, %s::uuid)", values)


async def _stored(pool: Pool, identity: Identity) -> str | None:
    async with pool.connection() as connection:
        cursor = await connection.execute("select private.password_hash(%s)", [identity.user_id])
        row = await cursor.fetchone()
    return row[0] if row else None
