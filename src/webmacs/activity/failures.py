"""Logins that failed, noted for their users and for administrators; never what was typed."""

from starlette.requests import Request

from webmacs.activity.place import place_of
from webmacs.database import Pool

NOTE = "select private.note_login_failure(%s, %s, %s, %s)"


async def note_login_failure(pool: Pool, user_id: int | None, request: Request, reason: str) -> None:
    """`reason` is wrong_password, not_approved, disabled or sso_refused; without a user unknown_user or sso_refused."""
    async with pool.connection() as connection:
        await connection.execute(NOTE, [user_id, *place_of(request), reason])
