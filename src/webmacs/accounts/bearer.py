"""Who asks: the holder of the token in a request's Authorization header."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request

from webmacs.accounts.identity import Identity
from webmacs.activity.place import place_of
from webmacs.errors import ApiError, unauthorized
from webmacs.web.parts import parts_of

bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="`access_token` of POST /auth/login.")


async def current_identity(
    request: Request, found: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Identity:
    """The holder of the token in the Authorization header. Raises ApiError 401."""
    if found is None:
        raise unauthorized("A token is missing.", "Send the header Authorization: Bearer <token>.")
    return await parts_of(request).access.admit(found.credentials, place_of(request))


async def current_person(identity: Annotated[Identity, Depends(current_identity)]) -> Identity:
    """The same for what only people may do: a controller is refused with 403."""
    if identity.user_id is None:
        raise ApiError(403, "not_a_person", "This is for users, not for controllers.")
    return identity


async def current_controller(identity: Annotated[Identity, Depends(current_identity)]) -> Identity:
    """The same for what only controllers may do: a person is refused with 403."""
    if identity.controller_id is None:
        raise ApiError(403, "not_a_controller", "This is for controllers, not for users.")
    return identity


async def current_writer(identity: Annotated[Identity, Depends(current_person)]) -> Identity:
    """The same for what changes something: a read-only token is refused with 403."""
    require_writing(identity)
    return identity


async def current_login(identity: Annotated[Identity, Depends(current_person)]) -> Identity:
    """The same for what could make a leaked token more than it is: only who is logged in may."""
    if identity.kind != "session":
        raise ApiError(403, "not_a_session", "A program's token may not do this.", hint="Log in.")
    return identity


def require_writing(identity: Identity) -> None:
    """Raise ApiError 403 if this token may only read."""
    if identity.read_only:
        raise ApiError(403, "read_only", "This token may only read.", hint="Use one that was not made read-only.")


Current = Annotated[Identity, Depends(current_identity)]
CurrentController = Annotated[Identity, Depends(current_controller)]
CurrentPerson = Annotated[Identity, Depends(current_person)]
CurrentLogin = Annotated[Identity, Depends(current_login)]
CurrentWriter = Annotated[Identity, Depends(current_writer)]
