"""Uploads and downloads of plugin packages."""

import asyncio
import binascii
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from webmacs.accounts.bearer import CurrentController, CurrentWriter
from webmacs.errors import ApiError, ErrorBody
from webmacs.pieces.download import download
from webmacs.pieces.store import Store
from webmacs.plugins.examination import examine
from webmacs.web.parts import TheParts
from webmacs.web.upload import Upload

router = APIRouter(
    tags=["plugin packages"], responses={status: {"model": ErrorBody} for status in (400, 401, 403, 404, 429)}
)

MEGABYTE = 1_000_000
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}
ANSWER = {"content": {"application/octet-stream": BINARY}, "description": "The bytes."}
PACKAGES = Store(
    new="select package_id, is_new from private.store_plugin_package(%s)",
    new_piece="select private.store_plugin_package_piece(%s, %s, %b)",
    row="select private.plugin_package_row(%s)",
    size="select (private.package_for_me(%s)).size",
    piece="select private.plugin_package_piece(%s, %s)",
)


class Package(BaseModel):
    """A row of plugin_packages."""

    id: int
    name: str
    version: str
    file_name: str
    size: int
    sha256: str
    summary: str
    requires_python: str
    requires: list[str]
    plugins: list[str]
    signed_by: str | None
    author: str
    user_id: int | None
    created_at: datetime


def _place(parts: TheParts) -> Iterator[None]:
    with parts.packages.place():
        yield


Place = Depends(_place)


@router.post(
    "/plugins/packages",
    summary="Store a wheel with plugins",
    status_code=201,
    response_model=Package,
    openapi_extra=BODY,
    responses={
        200: {"model": Package, "description": "It was stored before."},
        **{status: {"model": ErrorBody} for status in (408, 409, 413, 415)},
    },
    dependencies=[Place],
)
async def upload_package(
    request: Request,
    identity: CurrentWriter,
    parts: TheParts,
    file_name: Annotated[str, Header(description="Name of the wheel, as its builder calls it.")],
    file_signature: Annotated[str | None, Header(description="The .minisig file of the wheel, in base64.")] = None,
) -> Response:
    """The body is the wheel. It is stored when its name, contents, hashes, plugins and signature are as they must be.

    This is code that runs with all rights of the controllers that it is assigned to (plugin_package_assignments).
    """
    if identity.role != "admin":
        raise ApiError(403, "not_allowed", "Only administrators upload packages.")
    limit = parts.config.plugins.max_megabytes
    wanted = Upload(limit * MEGABYTE, f"[plugins] max_megabytes is {limit}.")
    wanted.check(request)
    signature = _text(file_signature)
    with tempfile.TemporaryFile() as file:  # it has no name: whatever happens, nothing is left of it
        async for piece in wanted.pieces(request):
            await asyncio.to_thread(file.write, piece)
        examined = await asyncio.to_thread(examine, file, file_name, signature, parts.config.plugins)
        row, is_new = await PACKAGES.put(parts.pool, identity, file, examined.columns())
    return JSONResponse(row, 201 if is_new else 200)


@router.get(
    "/plugins/packages/{sha256}",
    summary="The bytes of a package",
    response_class=Response,
    responses={200: ANSWER, 206: {**ANSWER, "description": "The rest of the bytes."}, 416: {"model": ErrorBody}},
    dependencies=[Place],
)
async def get_package(
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the wheel.")],
    identity: CurrentController,
    parts: TheParts,
    byte_range: Annotated[str, Header(alias="Range", description="`bytes=N-`: from this byte on.")] = "",
) -> Response:
    """For controllers that are to have it, as plugin_package_assignments says."""
    size = await PACKAGES.size_of(parts.pool, identity, sha256)
    if size is None:
        raise ApiError(404, "no_such_package", "No package with this SHA-256 is assigned to this controller.")
    return download(partial(PACKAGES.piece_of, parts.pool, identity, sha256), size, byte_range, "package")


def _text(signature: str | None) -> str | None:
    if signature is None:
        return None
    try:
        return b64decode(signature, validate=True).decode()
    except (binascii.Error, ValueError):
        raise ApiError(
            400, "wrong_signature", "The header File-Signature must be the .minisig file in base64."
        ) from None
