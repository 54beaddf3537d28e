"""How tests ask over HTTP: past any proxy, without the authorities of TLS, which take 30 ms to load each time, and
with the patience of a machine that has more to do."""

import ssl
from typing import TypedDict


class Plain(TypedDict):
    """Arguments of httpx."""

    trust_env: bool
    verify: ssl.SSLContext
    timeout: float


PLAIN: Plain = {"trust_env": False, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "timeout": 60}
