"""Uploads and downloads of bundles of updates."""

import asyncio
import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from webmacs.accounts.bearer import CurrentController, CurrentPerson, CurrentWriter
from webmacs.accounts.identity import Identity
from webmacs.errors import ApiError, ErrorBody
from webmacs.ota.examination import read_root
from webmacs.ota.taking import BUNDLES, take
from webmacs.ota.uploads import Uploads, append, check_digest
from webmacs.pieces.download import download
from webmacs.web.parts import Parts, TheParts
from webmacs.web.upload import Upload

router = APIRouter(tags=["updates"], responses={status: {"model": ErrorBody} for status in (400, 401, 403, 404, 429)})

MEGABYTE = 1_000_000
RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")
BINARY = {"schema": {"type": "string", "format": "binary"}}
BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": BINARY}}}
ANSWER = {"content": {"application/octet-stream": BINARY}, "description": "The bytes."}

Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the bundle.")]


class Part(BaseModel):
    """A wheel of a bundle."""

    name: str
    size: int
    sha256: str


class Bundle(BaseModel):
    """A row of update_bundles."""

    id: int
    product: str
    version: str
    counter: int
    from_version: str
    architecture: str
    python: str
    made_at: datetime
    expires_at: datetime
    changes: str
    parts: list[Part]
    signed_by: list[str]
    file_name: str
    size: int
    sha256: str
    author: str
    user_id: int | None
    created_at: datetime
    given: bool


class Received(BaseModel):
    """How much of a bundle has arrived."""

    received: int


def _place(parts: TheParts) -> Iterator[None]:
    with parts.packages.place():
        yield


Place = Depends(_place)


@router.post(
    "/ota/bundles/{sha256}",
    summary="Store a bundle, or go on with one",
    status_code=201,
    response_model=Bundle,
    openapi_extra=BODY,
    responses={
        200: {"model": Bundle, "description": "It was stored before."},
        202: {"model": Received, "description": "There is more to come."},
        **{status: {"model": ErrorBody} for status in (408, 409, 413, 415, 507)},
    },
    dependencies=[Place],
)
async def upload_bundle(
    sha256: Digest,
    request: Request,
    identity: CurrentWriter,
    parts: TheParts,
    file_name: Annotated[str, Header(description="How it is called.", pattern="^[A-Za-z0-9._+-]{1,200}$")],
    content_range: Annotated[
        str, Header(description="`bytes FIRST-LAST/SIZE` of a part; without it, the body is all.")
    ] = "",
) -> Response:
    """The body is the bundle, or the rest of one that broke off (`Content-Range`). When it is whole it is verified, by
    the list of keys of [ota] root, and listed in update_bundles. Each controller verifies it again, by its own.
    """
    _require_admin(identity)
    read_root(parts.config)
    limit = parts.config.ota.max_megabytes
    wanted = Upload(limit * MEGABYTE, f"[ota] max_megabytes is {limit}.")
    wanted.check(request)
    begin, size = _range(content_range, limit * MEGABYTE)
    uploads = _uploads(parts)
    with uploads.open(sha256, begin, size or limit * MEGABYTE) as file:
        await append(file, wanted.pieces(request))
        arrived = file.seek(0, 2)
        if size is not None and arrived < size:
            return JSONResponse({"received": arrived}, 202)
        try:
            await asyncio.to_thread(check_digest, file, sha256)
            path = uploads.path(sha256)
            row, is_new = await take(parts.pool, parts.config, identity, file, path, file_name, sha256)
        finally:
            uploads.remove(sha256)
    return JSONResponse(row, 201 if is_new else 200)


@router.get("/ota/uploads/{sha256}", summary="How much of a bundle has arrived", response_model=Received)
async def get_upload(sha256: Digest, identity: CurrentPerson, parts: TheParts) -> Received:
    """Where an upload that broke off goes on; 0: nothing of it is here."""
    _require_admin(identity)
    return Received(received=_uploads(parts).received(sha256))


@router.get(
    "/ota/bundles/{sha256}",
    summary="The bytes of a bundle",
    response_class=Response,
    responses={200: ANSWER, 206: {**ANSWER, "description": "The rest of the bytes."}, 416: {"model": ErrorBody}},
    dependencies=[Place],
)
async def get_bundle(
    sha256: Digest,
    identity: CurrentController,
    parts: TheParts,
    byte_range: Annotated[str, Header(alias="Range", description="`bytes=N-`: from this byte on.")] = "",
) -> Response:
    """For controllers that are to install it, as `updates` says."""
    size = await BUNDLES.size_of(parts.pool, identity, sha256)
    if size is None:
        raise ApiError(404, "no_such_bundle", "No bundle with this SHA-256 is to be installed on this controller.")
    return download(partial(BUNDLES.piece_of, parts.pool, identity, sha256), size, byte_range, "bundle")


def _uploads(parts: Parts) -> Uploads:
    return Uploads(parts.config.ota.uploads_dir)


def _require_admin(identity: Identity) -> None:
    if identity.role != "admin":
        raise ApiError(403, "not_allowed", "Only administrators upload bundles.")


def _range(header: str, most_bytes: int) -> tuple[int, int | None]:
    """Where it begins, and how large the whole is; None: the body is all. Raises ApiError 400, 413."""
    if not header:
        return 0, None
    found = RANGE.fullmatch(header)
    first, last, size = (int(number) for number in found.groups()) if found else (0, 0, 0)
    if not first <= last < size:
        raise ApiError(400, "wrong_range", "Content-Range must be `bytes FIRST-LAST/SIZE`.")
    if size > most_bytes:
        raise ApiError(413, "too_large", f"A bundle may have at most {most_bytes} bytes.")
    return first, size
