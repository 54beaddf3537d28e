"""Going on with a session, and ending it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPAuthorizationCredentials
from starlette.requests import Request

from webmacs.accounts.access import on_behalf_of
from webmacs.accounts.bearer import bearer
from webmacs.accounts.cookies import clear_cookie, read_cookie
from webmacs.accounts.fields import Body, Typed
from webmacs.accounts.sessions import AccessToken, end_session, refresh_session
from webmacs.errors import ApiError, ErrorBody, unauthorized
from webmacs.sso.confirmation import confirm_session
from webmacs.web.parts import Parts, TheParts

router = APIRouter(responses={403: {"model": ErrorBody}})


class Refresh(Body):
    """What a program sends; a browser has it in its cookie and sends nothing."""

    refresh_token: Typed


@router.post("/auth/refresh", summary="Get the next access token of a session")
async def refresh(request: Request, response: Response, parts: TheParts, body: Refresh | None = None) -> AccessToken:
    """Each refresh token counts once, and its answer has the next one.

    Repeated within 10 seconds it is answered with the same next one, as when two tabs ask at once or an answer was
    lost. Repeated later it ends the session: somebody may have stolen it. A session by an identity provider goes on
    while the provider says so.
    """
    refresh_token = body.refresh_token if body else read_cookie(request, parts.config)
    if refresh_token is None:
        raise unauthorized("A refresh token is missing.", "Send refresh_token, or log in.")
    await confirm_session(parts, refresh_token)
    return await refresh_session(parts, refresh_token, request, None if body else response)


@router.post(
    "/auth/logout",
    status_code=204,
    summary="End this session, at once and everywhere",
    responses={400: {"model": ErrorBody}},
)
async def logout(
    request: Request,
    response: Response,
    parts: TheParts,
    found: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> None:
    """The session of the access token, or without one that of the cookie, which is taken from the browser.

    Only a login can log out; an API token is ended by PostgREST's rpc/revoke.
    """
    if found is not None:
        await _end_by_access_token(parts, found.credentials)
        return
    refresh_token = read_cookie(request, parts.config)
    if refresh_token is None:
        raise unauthorized("A token is missing.", "Send the header Authorization: Bearer <token>.")
    await end_session(parts, refresh_token)
    clear_cookie(response, parts.config)


async def _end_by_access_token(parts: Parts, token: str) -> None:
    identity = await parts.access.identify(token)
    if identity.kind != "session":
        raise ApiError(
            400,
            "not_a_session",
            "This token is not a login, so it cannot log out.",
            hint="End an API token by POST /rpc/revoke of the REST API, or `webmacs token revoke`.",
        )
    async with on_behalf_of(parts.pool, identity) as connection:
        await connection.execute("select private.revoke(%s::uuid)", [identity.claims["jti"]])
