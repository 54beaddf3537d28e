"""Connections go to an address that was checked, not to a name: a second look-up could find another one."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

import httpcore
from httpcore import SOCKET_OPTION, AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream

from webmacs.config.networks import Network
from webmacs.webhooks.addresses import is_callable, parse
from webmacs.webhooks.resolver import Resolve


class ForbiddenAddressError(Exception):
    """The host has no address that may be called."""

    def __init__(self, found: Iterable[str]) -> None:
        super().__init__(
            f"The address {', '.join(found)} may not be called: it is not public,"
            " and [webhooks] allow_networks does not name its range."
        )


class GuardedBackend(AsyncNetworkBackend):
    """Resolves once, checks, and connects to exactly what was checked. TLS still verifies the name."""

    def __init__(self, resolve: Resolve, allowed: Sequence[Network]) -> None:
        self._resolve = resolve
        self._allowed = allowed
        self._network = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of httpcore
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        """The first address that answers; each has its share of `timeout`. Raises ForbiddenAddressError, OSError."""
        addresses = self._callable(await self._resolve(host, port))
        share = None if timeout is None else timeout / len(addresses)
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._network.connect_tcp(address, port, share, local_address, socket_options)
        return await self._network.connect_tcp(addresses[-1], port, share, local_address, socket_options)

    def _callable(self, found: list[str]) -> list[str]:
        addresses = [text for text in dict.fromkeys(found) if is_callable(parse(text), self._allowed)]
        if not addresses:
            raise ForbiddenAddressError(dict.fromkeys(found))
        return addresses
