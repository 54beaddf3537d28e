"""Looking for newer bundles, and fetching one."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from webmacs.accounts.bearer import CurrentWriter
from webmacs.accounts.identity import Identity
from webmacs.errors import ApiError, ErrorBody
from webmacs.ota.source.check import check
from webmacs.web.parts import TheParts

router = APIRouter(
    tags=["updates"], responses={status: {"model": ErrorBody} for status in (400, 401, 403, 404, 409, 429)}
)


class Offered(BaseModel):
    """A row of update_offers."""

    id: int
    file_name: str
    product: str | None
    version: str | None
    architecture: str | None
    size: int | None
    sha256: str | None
    notes: str
    state: str
    received: int
    detail: str | None
    found_at: datetime


class Checked(BaseModel):
    """The row of update_source, and those of update_offers. `problem`: why it could not be looked at."""

    source: str
    checked_at: datetime | None
    problem: str | None
    offers: list[Offered]


@router.post("/ota/check", summary="Look for newer bundles", response_model=Checked)
async def check_source(identity: CurrentWriter, parts: TheParts) -> Checked:
    """At the source that [ota] source names. Whoever asks again within 5 seconds gets what was found."""
    _require_admin(identity)
    if not parts.config.ota.source:
        raise ApiError(
            409, "no_source", "No source of updates is set.", hint="[ota] source in config.toml; docs/updates.md."
        )
    with parts.packages.place():
        async with parts.pool.connection() as connection:
            return Checked(**await check(connection, parts.config))


class Begun(BaseModel):
    """It is under way."""

    state: str = "fetching"


@router.post("/ota/offers/{offer_id}/fetch", summary="Fetch an offered bundle", status_code=202, response_model=Begun)
async def fetch_offer(
    identity: CurrentWriter,
    parts: TheParts,
    offer_id: Annotated[int, Path(ge=1, le=2**31 - 1, description="Number in update_offers.")],
) -> Begun:
    """It is verified as an upload is, and listed in update_bundles. How far it is stands in update_offers."""
    _require_admin(identity)
    await parts.fetches.begin(identity, offer_id)
    return Begun()


def _require_admin(identity: Identity) -> None:
    if identity.role != "admin":
        raise ApiError(403, "not_allowed", "Only administrators look for bundles.")
