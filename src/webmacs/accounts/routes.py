"""All routes of this domain, and the public keys."""

from typing import Any

from fastapi import APIRouter

from webmacs.accounts import api_tokens, controller_tokens, login, password_change, registration, reset, session_routes
from webmacs.errors import ErrorBody
from webmacs.web.parts import TheParts

router = APIRouter(tags=["accounts"], responses={401: {"model": ErrorBody}})
for part in (login, session_routes, password_change, registration, reset, api_tokens, controller_tokens):
    router.include_router(part.router)


@router.get("/.well-known/jwks.json", summary="The public keys that verify our tokens")
async def jwks(parts: TheParts) -> dict[str, list[dict[str, Any]]]:
    """A JSON Web Key Set (RFC 7517)."""
    return parts.tokens.keys.jwks()
