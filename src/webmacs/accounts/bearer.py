"""Who asks: the holder of the token in a request's Authorization header."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from webmacs.accounts.identity import Identity
from webmacs.errors import ApiError, unauthorized
from webmacs.web.parts import parts_of

_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="`access_token` of POST /auth/login.")


async def current_identity(
    request: Request, found: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Identity:
    """The holder of the token in the Authorization header. Raises ApiError 401."""
    if found is None:
        raise unauthorized("A token is missing.", "Send the header Authorization: Bearer <token>.")
    return await parts_of(request).access.identify(found.credentials)


async def current_person(identity: Annotated[Identity, Depends(current_identity)]) -> Identity:
    """The same for what only people may do: a controller is refused with 403."""
    if identity.user_id is None:
        raise ApiError(403, "not_a_person", "This is for users, not for controllers.")
    return identity


Current = Annotated[Identity, Depends(current_identity)]
CurrentPerson = Annotated[Identity, Depends(current_person)]
