"""Tokens for programs that act for a user."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.bearer import CurrentLogin
from webmacs.accounts.fields import Body, Name
from webmacs.accounts.grants import FOR_PROGRAM, issue
from webmacs.accounts.lifetimes import DAY, chosen_days
from webmacs.config import Auth
from webmacs.errors import ApiError, ErrorBody
from webmacs.problem import Problem
from webmacs.web.parts import TheParts

router = APIRouter()


class WantedToken(Body):
    """What the token is for and how much it may do."""

    name: Name = Field(description="What it is for.")
    role: Literal["viewer", "operator", "admin"] = Field("viewer", description="Not above one's own.")
    read_only: bool = Field(False, description="Whether it may only read, whatever its role may do.")
    days: Annotated[int, Field(ge=1, description="Its life, at most `[auth] api_token_days`.")] | None = None


class ApiToken(BaseModel):
    """The token, which is shown this once."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - what it is called in RFC 6750
    jti: UUID = Field(description="Its identifier, to revoke it.")
    name: str
    role: str
    read_only: bool
    expires_at: datetime


@router.post(
    "/auth/tokens",
    status_code=201,
    summary="Make an API token of one's own",
    responses={403: {"model": ErrorBody}},
)
async def make_token(body: WantedToken, identity: CurrentLogin, parts: TheParts) -> ApiToken:
    """Only a login may: else a leaked token could prolong itself for ever. Listed in api_tokens of the REST API."""
    values = {
        "user_id": identity.user_id,
        "role": body.role,
        "name": body.name,
        "read_only": body.read_only,
        "seconds": _days(body, parts.config.auth) * DAY,
    }
    async with on_behalf_of(parts.pool, identity) as connection:
        issued = await issue(connection, parts.tokens, FOR_PROGRAM, values)
    if issued is None:
        raise ApiError(403, "account_disabled", "This account is disabled.")
    grant = issued.grant
    return ApiToken(
        access_token=issued.token,
        jti=grant.jti,
        name=body.name,
        role=body.role,
        read_only=body.read_only,
        expires_at=grant.expires_at,
    )


def _days(body: WantedToken, auth: Auth) -> int:
    try:
        return chosen_days(body.days, auth.api_token_days)
    except Problem as problem:
        raise ApiError(422, "lasts_too_long", str(problem)) from None
