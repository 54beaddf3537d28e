"""Signatures as the Standard Webhooks specification has them (https://www.standardwebhooks.com)."""

import base64
import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"


def signatures(secrets: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret, so that secrets can be rotated.

    A secret is base64, with or without `whsec_` in front; `timestamp` is in seconds since 1970.
    """
    content = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    return " ".join(f"v1,{_signature(secret, content)}" for secret in secrets)


def _signature(secret: str, content: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX) + "==")
    return base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
