"""How tests ask over HTTP: past any proxy, and without the authorities of TLS, which take 30 ms to load each time."""

import ssl
from typing import TypedDict


class Plain(TypedDict):
    """Arguments of httpx."""

    trust_env: bool
    verify: ssl.SSLContext


PLAIN: Plain = {"trust_env": False, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
