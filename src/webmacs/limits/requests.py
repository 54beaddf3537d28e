"""How many requests each token and each address may make, counted in this process alone.

It keeps one asker from taking the whole sidecar. WebSockets are not counted, neither their opening nor their frames:
controllers must get their values in, however often their network breaks, and telemetry has limits of its own. Nor is
/health, which whoever watches the sidecar asks from an address that others may share.
"""

import hashlib
import math

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from webmacs.config import Config
from webmacs.errors.answers import answer
from webmacs.limits.buckets import Buckets
from webmacs.limits.refusal import too_many
from webmacs.web.client_address import client_address, network_of

NOT_COUNTED = "/health"


class RequestLimit:
    """Middleware: 429 for who asks too often. A token is counted unread, so its address is counted besides."""

    def __init__(self, app: ASGIApp, config: Config) -> None:
        self._app = app
        self._tokens = Buckets(config.limits.token_requests)
        self._addresses = Buckets(config.limits.address_requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == NOT_COUNTED:
            await self._app(scope, receive, send)
            return
        if wait := self._wait(scope):
            refusal = too_many("too_many_requests", "There were too many requests.", math.ceil(wait))
            await answer(refusal)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _wait(self, scope: Scope) -> float:
        network = network_of(client_address(HTTPConnection(scope)))
        # however the word Bearer is written
        token = Headers(scope=scope).get("Authorization", "").partition(" ")[2].strip()
        by_address = self._addresses.wait(network)
        if by_address or not token:
            return by_address
        by_token = self._tokens.wait(hashlib.sha256(token.encode("latin-1")).digest())
        if by_token:
            self._addresses.give_back(network)  # a program that goes round in circles takes nothing from its neighbours
        return by_token
