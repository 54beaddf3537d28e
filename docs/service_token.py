#!/usr/bin/env python3
"""Get a token for a local service. Nothing but Python's own library is needed.

    service_token.py var/local.sock historian var/keys/historian.key

prints a token for `Authorization: Bearer …`. docs/services.md explains what is signed.
"""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import socket
import sys
import time
from pathlib import Path


class LocalConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def signed_headers(name: str, key: str, body: bytes) -> dict[str, str]:
    """The headers of a POST to /auth/service."""
    digest = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    parameters = (
        '("@method" "@path" "@query" "content-digest")'
        f';created={int(time.time())};nonce="{secrets.token_urlsafe(24)}";keyid="{name}";alg="hmac-sha256"'
    )
    base = (
        '"@method": POST\n'
        '"@path": /auth/service\n'
        '"@query": ?\n'
        f'"content-digest": {digest}\n'
        f'"@signature-params": {parameters}'
    )
    signature = base64.b64encode(hmac.digest(key.encode(), base.encode(), hashlib.sha256)).decode()
    return {
        "Content-Type": "application/json",
        "Content-Digest": digest,
        "Signature-Input": f"sig={parameters}",
        "Signature": f"sig=:{signature}:",
    }


def main() -> None:
    """Print a token, or say why there is none."""
    path, name, key_file = sys.argv[1:]
    body = b"{}"
    connection = LocalConnection(path)
    connection.request(
        "POST", "/auth/service", body, signed_headers(name, Path(key_file).read_text().rstrip("\r\n"), body)
    )
    answer = json.load(connection.getresponse())
    if "access_token" not in answer:
        sys.exit(" ".join(filter(None, [answer["message"], answer["details"], answer["hint"]])))
    print(answer["access_token"])


if __name__ == "__main__":
    main()
