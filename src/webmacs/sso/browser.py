"""Which browser it is: a cookie that ties a login by a provider to the browser that began it."""

import re

from starlette.requests import Request
from starlette.responses import Response

from webmacs.config import Config
from webmacs.sso.store import LOGIN_SECONDS

VALUE = re.compile(r"[A-Za-z0-9_-]{43}")


def cookie_name(config: Config) -> str:
    """With TLS a name that no other host and no page without TLS can set a cookie of; without, browsers refuse it."""
    return "__Host-webmacs_sso" if _has_tls(config) else "webmacs_sso"


def browser_of(request: Request, config: Config) -> str | None:
    """The value of the cookie, if the browser has one of ours."""
    value = request.cookies.get(cookie_name(config), "")
    return value if VALUE.fullmatch(value) else None


def mark(response: Response, browser: str, config: Config) -> None:
    """Let the browser keep it until a login that begins now has ended. Lax, for it comes back from another site."""
    response.set_cookie(
        cookie_name(config),
        browser,
        max_age=2 * LOGIN_SECONDS,
        secure=_has_tls(config),
        httponly=True,
        samesite="lax",
    )


def _has_tls(config: Config) -> bool:
    return config.server.public_url.startswith("https://")
