"""Uploads of datapoints."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from webmacs.accounts.access import as_user
from webmacs.accounts.bearer import CurrentWriter
from webmacs.errors import ApiError, ErrorBody
from webmacs.export.channels import find
from webmacs.export.session import Session
from webmacs.imports.report import Report
from webmacs.imports.run import Import
from webmacs.web.parts import TheParts
from webmacs.web.upload import Upload

router = APIRouter(
    tags=["import"],
    responses={status: {"model": ErrorBody} for status in (400, 401, 403, 408, 413, 415, 429)},
)

BODY = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}}
MAY_IMPORT = ("operator", "admin")
FILE = Upload(2 * 1024**3, "Import it in parts.")


@router.post("/import/datapoints", summary="Store the values of a CSV file", openapi_extra=BODY)
async def import_datapoints(
    request: Request,
    identity: CurrentWriter,
    parts: TheParts,
    dry_run: Annotated[bool, Query(description="Store nothing; only say what would become of each line.")] = False,
) -> Report:
    """The file is what export writes in layout=long, with or without a decimal comma; unit and quality may be missing.

    It is read as it arrives and stored in batches: who repeats an import, or goes on after a broken one, stores every
    value once. An event is found by event_public_id, or by its name where that is empty.
    """
    if identity.role not in MAY_IMPORT:
        raise ApiError(403, "not_allowed", "Only operators and administrators import values.")
    FILE.check(request)
    with parts.imports.place():
        async with as_user(parts.pool, identity) as connection:
            channels = await find(Session(connection), [])
        return await Import(parts, identity, channels, dry_run=dry_run).run(FILE.pieces(request))
