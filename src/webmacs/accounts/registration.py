"""Asking for an account, where the configuration allows it."""

import logging

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request

from webmacs.accounts.fields import Body, Email, NewPassword, Username
from webmacs.errors import ApiError, ErrorBody
from webmacs.limits import attempts
from webmacs.web.client_address import client_address
from webmacs.web.parts import TheParts

log = logging.getLogger(__name__)
router = APIRouter()


class Registration(Body):
    """The account that somebody wants."""

    username: Username
    email: Email | None = None
    password: NewPassword


class Registered(BaseModel):
    """What was asked for; nobody can log in before an administrator has approved it."""

    state: str = "pending"


@router.post(
    "/auth/register",
    status_code=202,
    summary="Ask for an account (a viewer, after an administrator's approval)",
    responses={403: {"model": ErrorBody}, 429: {"model": ErrorBody}},
)
async def register(body: Registration, request: Request, parts: TheParts) -> Registered:
    """Refused with 403 unless `[auth] registration` is on.

    The same answer if the name or the address is taken: strangers do not learn who has an account.
    """
    if not parts.config.auth.registration:
        raise ApiError(403, "registration_off", "Registration is switched off.", hint="Ask an administrator.")
    with parts.passwords.place():
        await attempts.count_registration(parts.pool, client_address(request))
        await parts.passwords.require_strong(body.password, [body.username, body.email or ""])
        stored = await parts.passwords.hash(body.password)
    async with parts.pool.connection() as connection:
        values = [body.username, body.email, stored]
        cursor = await connection.execute("select private.register(%s, %s, %s)", values)
        row = await cursor.fetchone()
    if row is None or row[0] is None:
        log.info("registration refused: the name or the address is taken")
    return Registered()
