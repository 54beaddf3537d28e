"""How programs of this machine reach PostgREST and the sidecar: by their Unix sockets, where they have some."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from webmacs.config import Config
from webmacs.tls import nobody


@dataclass(frozen=True)
class Here:
    """Where one of them is; as a text it is what people are told."""

    url: str
    socket: Path | None

    def __str__(self) -> str:
        return str(self.socket or self.url)

    def client(self, **more: Any) -> httpx.Client:
        """Asks it; no proxy has a part in that."""
        transport = httpx.HTTPTransport(uds=self._uds, verify=nobody())
        return httpx.Client(base_url=self.url, transport=transport, trust_env=False, **more)

    def async_client(self, **more: Any) -> httpx.AsyncClient:
        """The same, for the event loop."""
        transport = httpx.AsyncHTTPTransport(uds=self._uds, verify=nobody())
        return httpx.AsyncClient(base_url=self.url, transport=transport, trust_env=False, **more)

    @property
    def _uds(self) -> str | None:
        return str(self.socket) if self.socket else None


def rest_api(config: Config) -> Here:
    """PostgREST."""
    return Here(f"http://{_host(config.postgrest.connect_host)}:{config.postgrest.port}", config.postgrest.socket)


def sidecar(config: Config) -> Here:
    """The sidecar, or one of several."""
    return Here(f"http://{_host(config.server.connect_host)}:{config.server.port}", config.server.gateway_socket)


def _host(name: str) -> str:
    return f"[{name}]" if ":" in name else name
