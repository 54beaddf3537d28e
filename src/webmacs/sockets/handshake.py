"""Who opens a WebSocket, decided before it is accepted."""

import json
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from webmacs.accounts.access import Access
from webmacs.accounts.bearer import require_writing
from webmacs.accounts.identity import Identity
from webmacs.activity.place import place_of
from webmacs.errors import ApiError, unauthorized

PROTOCOL = "webmacs.v1"
BEARER = "bearer."


async def admit(
    scope: Scope, receive: Receive, send: Send, access: Access, roles: frozenset[str], *, to_write: bool = False
) -> Identity | None:
    """Accept the socket of a token of one of `roles`, else answer 401 or 403; None: it was refused.

    `to_write`: not of one that may only read.
    """
    await receive()  # websocket.connect
    token = _take_token(scope)
    try:
        identity = await _identify(scope, access, token, roles)
        if to_write:
            require_writing(identity)
    except ApiError as error:
        await _refuse(scope, send, error)
        return None
    chosen = PROTOCOL if PROTOCOL in scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": chosen, "headers": []})
    return identity


async def _identify(scope: Scope, access: Access, token: str | None, roles: frozenset[str]) -> Identity:
    if not token:
        raise unauthorized("This socket needs a token.")
    identity = await access.admit(token, place_of(HTTPConnection(scope)))
    if identity.role not in roles:
        raise ApiError(403, "forbidden", f"The role {identity.role} may not use this socket.")
    return identity


def _take_token(scope: Scope) -> str | None:
    """From the subprotocols, the header Authorization, or the query string, which no log shall see: it is emptied."""
    protocols: list[str] = scope["subprotocols"]
    offered = [name.removeprefix(BEARER) for name in protocols if name.startswith(BEARER)]
    scheme, _, credentials = Headers(scope=scope).get("authorization", "").partition(" ")
    in_query = parse_qs(scope["query_string"].decode("latin-1")).get("token")
    scope["query_string"] = b""
    if offered:
        return offered[0]
    if scheme.lower() == "bearer":
        return credentials.strip()
    return in_query[0] if in_query else None


async def _refuse(scope: Scope, send: Send, error: ApiError) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": error.message[:120]})
        return
    headers = {"content-type": "application/json", **error.headers}
    await send(
        {
            "type": "websocket.http.response.start",
            "status": error.status,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "websocket.http.response.body", "body": json.dumps(error.body()).encode()})
