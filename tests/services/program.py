"""A program that signs requests, written for the tests from RFC 9421 and not with what it tries."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from webmacs.tls import nobody

KEYS = {
    name: hashlib.sha256(f"only for the tests: {name}".encode()).hexdigest()
    for name in ("historian", "reader", "orphan", "temporary", "unknown")
}
ORDER = ("@method", "@path", "@query", "content-digest")


@dataclass(frozen=True)
class Call:
    """A request that is to be signed."""

    service: str = "historian"
    method: str = "POST"
    path: str = "/auth/service"
    query: str = ""
    body: bytes = b"{}"
    created: int = field(default_factory=lambda: int(time.time()))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    order: tuple[str, ...] = ORDER

    def but(self, **changes: Any) -> "Call":
        """The same with these parts changed."""
        return replace(self, **changes)

    @property
    def digest(self) -> str:
        return f"sha-256=:{base64.b64encode(hashlib.sha256(self.body).digest()).decode()}:"

    @property
    def parameters(self) -> str:
        names = " ".join(f'"{name}"' for name in self.order)
        return f'({names});created={self.created};nonce="{self.nonce}";keyid="{self.service}";alg="hmac-sha256"'

    @property
    def base(self) -> str:
        """What is signed."""
        values = {
            "@method": self.method,
            "@path": self.path,
            "@query": f"?{self.query}",
            "content-digest": self.digest,
        }
        lines = [f'"{name}": {values[name]}' for name in self.order]
        return "\n".join([*lines, f'"@signature-params": {self.parameters}'])

    def signature(self, key: str) -> str:
        """The bytes of the signature in base64."""
        return base64.b64encode(hmac.digest(key.encode(), self.base.encode(), hashlib.sha256)).decode()

    def headers(self, key: str | None = None) -> dict[str, str]:
        """The three headers, signed with the key of the service or another."""
        return {
            "Content-Digest": self.digest,
            "Signature-Input": f"sig={self.parameters}",
            "Signature": f"sig=:{self.signature(key or KEYS[self.service])}:",
        }


class Program:
    """Sends calls to a sidecar."""

    def __init__(self, client: httpx.Client, service: str) -> None:
        self.client = client
        self.service = service

    @classmethod
    def at_socket(cls, path: Path, service: str = "historian") -> "Program":
        """Over the Unix socket."""
        transport = httpx.HTTPTransport(uds=str(path), verify=nobody())
        return cls(httpx.Client(transport=transport, base_url="http://localhost", timeout=30), service)

    def send(self, call: Call, headers: Mapping[str, str] | list[tuple[str, str]] | None = None) -> httpx.Response:
        """Send it as it is, with its own headers or these."""
        url = call.path + (f"?{call.query}" if call.query else "")
        chosen = call.headers() if headers is None else headers
        return self.client.request(call.method, url, content=call.body, headers=chosen)

    def ask(self, **parts: Any) -> httpx.Response:
        """A call of this service, rightly signed."""
        return self.send(Call(**{"service": self.service, **parts}))

    def token(self) -> str:
        """A token of this service."""
        answer = self.ask()
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.client.close()
