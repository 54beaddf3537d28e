"""Headers that keep a browser from doing what our page never wants."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from webmacs.addresses import origin, rest_api_url, websocket_origin
from webmacs.config import Config


def content_security_policy(config: Config) -> str:
    """Scripts and styles only from our own files; connections only to us and to the REST API."""
    connect = dict.fromkeys(["'self'", websocket_origin(config), origin(rest_api_url(config))])
    return "; ".join(
        [
            "default-src 'self'",
            f"connect-src {' '.join(connect)}",
            "img-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


class SecurityHeaders:
    """Middleware: adds them to every answer."""

    def __init__(self, app: ASGIApp, config: Config) -> None:
        self._app = app
        self._headers = {
            "Content-Security-Policy": content_security_policy(config),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",  # unless an answer knows better
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
