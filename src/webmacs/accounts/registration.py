"""Asking for an account, where the configuration allows it."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from webmacs.accounts.fields import Body, Email, NewPassword, Username
from webmacs.errors import ApiError, ErrorBody
from webmacs.parts import TheParts

router = APIRouter()


class Registration(Body):
    """The account that somebody wants."""

    username: Username
    email: Email | None = None
    password: NewPassword


class Registered(BaseModel):
    """The new account; it cannot log in before an administrator makes it active."""

    public_id: UUID
    state: str = "pending"


@router.post(
    "/auth/register",
    status_code=201,
    summary="Ask for an account (a viewer, after an administrator's approval)",
    responses={403: {"model": ErrorBody}, 409: {"model": ErrorBody}, 429: {"model": ErrorBody}},
)
async def register(body: Registration, parts: TheParts) -> Registered:
    """Refused with 403 unless `[auth] registration` is on."""
    if not parts.config.auth.registration:
        raise ApiError(403, "registration_off", "Registration is switched off.", hint="Ask an administrator.")
    stored = await parts.passwords.hash(body.password)
    async with parts.pool.connection() as connection:
        values = [body.username, body.email, stored]
        cursor = await connection.execute("select private.register(%s, %s, %s)", values)
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - a scalar function answers with one row
    return Registered(public_id=row[0])
