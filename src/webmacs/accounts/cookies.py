"""The cookie in which a browser keeps its refresh token, where no script of a page can read it.

SameSite keeps other sites from having it sent, but not other ports of the same host: so Origin is checked too.
"""

from starlette.requests import Request
from starlette.responses import Response

from webmacs.config import Config
from webmacs.embedded.postgrest import allowed_origins
from webmacs.errors import ApiError

NAME = "webmacs_refresh"
PATH = "/auth"


def read_cookie(request: Request, config: Config) -> str | None:
    """The refresh token that the browser sent. Raises ApiError 403 if another origin's page made it do so."""
    token = request.cookies.get(_name(config))
    if token is not None:
        require_own_origin(request, config)
    return token


def require_own_origin(request: Request, config: Config) -> None:
    """Raise ApiError 403 unless a page of ours asks; each browser says which page it is."""
    if request.headers.get("Origin") not in allowed_origins(config):
        raise ApiError(
            403,
            "foreign_origin",
            "Only the page of this installation may use the cookie.",
            hint="A program sends refresh_token itself; [server] public_url must be the address that browsers use.",
        )


def set_cookie(response: Response, config: Config, token: str, seconds: int) -> None:
    """Keep `token` in the browser for so long."""
    response.set_cookie(
        _name(config),
        token,
        max_age=seconds,
        path=PATH,
        secure=_is_secure(config),
        httponly=True,
        samesite="strict",
    )


def clear_cookie(response: Response, config: Config) -> None:
    """Take it from the browser."""
    response.delete_cookie(_name(config), path=PATH, secure=_is_secure(config), httponly=True, samesite="strict")


def _is_secure(config: Config) -> bool:
    return config.server.public_url.startswith("https://")


def _name(config: Config) -> str:
    """With the prefix no page without TLS can set one in our place."""
    return f"__Secure-{NAME}" if _is_secure(config) else NAME
