"""The one route of local services."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request

from webmacs.accounts.fields import Body
from webmacs.errors import ApiError, ErrorBody
from webmacs.services.refusals import malformed
from webmacs.services.signature import MalformedError, Signature, Signed, content_digest, read_signature
from webmacs.web.local_socket import came_by
from webmacs.web.parts import TheParts

router = APIRouter(tags=["services"])

HEADERS = ("Signature-Input", "Signature", "Content-Digest")


class WantedToken(Body):
    """What the service wants. A body may be left out."""

    read_only: bool = Field(False, description="Whether it may only read, even if the configuration allows more.")


class ServiceToken(BaseModel):
    """A short token for `Authorization: Bearer …`, here and at PostgREST; sign again for the next one."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - what it is called in RFC 6750
    expires_in: int = Field(description="Seconds.")
    jti: UUID = Field(description="Its identifier in api_tokens, to revoke it.")
    role: str = Field(description="That of the configuration, but not above that of the user.")
    read_only: bool
    expires_at: datetime


DOCUMENTED: dict[str, Any] = {
    "requestBody": {"content": {"application/json": {"schema": WantedToken.model_json_schema()}}},
    "parameters": [{"name": name, "in": "header", "required": True, "schema": {"type": "string"}} for name in HEADERS],
}


@router.post(
    "/auth/service",
    summary="A short token for a program of this machine",
    responses={status: {"model": ErrorBody} for status in (400, 401, 403, 429)},
    openapi_extra=DOCUMENTED,
)
async def open_service(request: Request, parts: TheParts) -> ServiceToken:
    """Over the Unix socket alone, signed as docs/services.md shows, by a service that the configuration names."""
    if not came_by(request, parts.config.server.local_socket):
        raise ApiError(
            403,
            "not_local",
            "Tokens of services are given out over the sidecar's Unix socket alone.",
            hint="Ask at [server] local_socket, on the machine of the sidecar.",
        )
    body = await request.body()
    signature = _signature(request)
    service = parts.services.signer(_signed(request, body), signature)
    wanted = _wanted(body)
    issued = await parts.services.open(service, signature, wanted.read_only)
    grant = issued.grant
    return ServiceToken(
        access_token=issued.token,
        expires_in=grant.lifetime,
        jti=grant.jti,
        role=grant.role.removeprefix("webmacs_"),
        read_only=issued.read_only,
        expires_at=grant.expires_at,
    )


def _signature(request: Request) -> Signature:
    try:
        return read_signature(_header(request, "Signature-Input"), _header(request, "Signature"))
    except MalformedError as error:
        raise malformed(str(error)) from None


def _signed(request: Request, body: bytes) -> Signed:
    digest = content_digest(body)
    if _header(request, "Content-Digest") != digest:
        raise malformed("Content-Digest must be that of the body: sha-256=:…:, the SHA-256 as base64.")
    return Signed(request.method, request.scope["raw_path"], request.scope["query_string"], digest)


def _header(request: Request, name: str) -> str:
    values = request.headers.getlist(name)
    if len(values) != 1:
        raise malformed(f"The header {name} must be there once.")
    return values[0]


def _wanted(body: bytes) -> WantedToken:
    try:
        return WantedToken.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None
