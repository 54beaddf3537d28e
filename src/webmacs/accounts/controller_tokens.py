"""Tokens of controllers, made by administrators."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.bearer import CurrentLogin
from webmacs.accounts.fields import Body
from webmacs.accounts.grants import FOR_KNOWN_CONTROLLER, issue
from webmacs.accounts.lifetimes import DAY
from webmacs.errors import ApiError, ErrorBody
from webmacs.web.parts import TheParts

router = APIRouter()


class WantedControllerToken(Body):
    """For which controller."""

    controller_public_id: UUID = Field(strict=False, description="As controllers of the REST API has it.")


class ControllerToken(BaseModel):
    """The token, which is shown this once."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - what it is called in RFC 6750
    jti: UUID = Field(description="Its identifier, to revoke it.")
    expires_at: datetime


@router.post(
    "/auth/controller-tokens",
    status_code=201,
    summary="Make a token for a controller",
    responses={status: {"model": ErrorBody} for status in (403, 404)},
)
async def make_controller_token(
    body: WantedControllerToken, identity: CurrentLogin, parts: TheParts
) -> ControllerToken:
    """For administrators who are logged in. Those that it has go on counting; controller_tokens of the REST API lists
    them. It lasts `[auth] controller_token_days`, and the controller is given the next one in time."""
    values = {
        "controller": body.controller_public_id,
        "seconds": parts.config.auth.controller_token_days * DAY,
    }
    async with on_behalf_of(parts.pool, identity) as connection:
        issued = await issue(connection, parts.tokens, FOR_KNOWN_CONTROLLER, values)
    if issued is None:
        raise ApiError(404, "no_such_controller", "There is no such controller.")
    return ControllerToken(access_token=issued.token, jti=issued.grant.jti, expires_at=issued.grant.expires_at)
