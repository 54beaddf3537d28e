"""Logins that failed, noted for their users and for administrators; never what was typed."""

from starlette.requests import Request

from webmacs.activity.place import place_of
from webmacs.database import Pool

NOTE = "select private.note_login_failure(%s, %s, %s, %s)"


async def note_login_failure(pool: Pool, user_id: int | None, request: Request, reason: str) -> None:
    """`reason` is wrong_password, not_approved or disabled; unknown_user where `user_id` is None."""
    async with pool.connection() as connection:
        await connection.execute(NOTE, [user_id, *place_of(request), reason])
