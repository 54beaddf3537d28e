"""From which address somebody asks: the peer's, unless that is the gateway which the configuration names."""

import logging
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

from webmacs.config import Server
from webmacs.config.networks import Network, networks
from webmacs.web.local_socket import came_by
from webmacs.web.parts import parts_of

Address = IPv4Address | IPv6Address
PREFIX_OF_ONE = 64  # bits of an IPv6 address that whoever has it cannot choose

log = logging.getLogger(__name__)


def client_address(connection: HTTPConnection) -> str | None:
    """The address, without the zone of a link-local one; None: there is none, as on the socket of local services."""
    return address_of(connection, parts_of(connection).config.server)


def address_of(connection: HTTPConnection, server: Server) -> str | None:
    """The same, by these settings. Who comes by the gateway's socket is the gateway: the header ends with its peer."""
    trusted = _trusted(tuple(server.trusted_proxies))
    forwarded = ",".join(connection.headers.getlist("X-Forwarded-For"))
    if came_by(connection, server.gateway_socket):
        before, _, peer = forwarded.rpartition(",")
        return who_asks(peer, before, trusted)
    if connection.client is None:
        return None
    if forwarded:
        _tell_untrusted(connection.client.host, trusted)
    return who_asks(connection.client.host, forwarded, trusted)


def who_asks(peer: str, forwarded: str, trusted: Iterable[Network]) -> str | None:
    """The last hop that is no trusted one, of `forwarded` (X-Forwarded-For) and then `peer`.

    Each gateway adds its peer at the end. So what stands before the first hop that we do not trust is hearsay. None:
    `peer` is no address.
    """
    address = _parsed(peer)
    hops = forwarded.split(",") if forwarded else []
    while address is not None and hops and any(address in network for network in trusted):
        hop = _parsed(hops.pop())
        if hop is None:
            break
        address = hop
    return str(address) if address else None


def network_of(address: str | None) -> str:
    """What an address is counted as: itself, of IPv6 its /64. The database has the same rule."""
    parsed = _parsed(address or "")
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, PREFIX_OF_ONE), strict=False))
    return address or "nowhere"


@lru_cache(maxsize=32)
def _tell_untrusted(peer: str, trusted: tuple[Network, ...]) -> None:
    """Says it once of a peer, unless many take turns: a gateway that was forgotten is noticed, and the log not filled.

    What the header says is not told: anybody can write anything there.
    """
    address = _parsed(peer)
    if address is None or not any(address in network for network in trusted):
        log.warning(
            "%s sends X-Forwarded-For and is not in [server] trusted_proxies, so it is not believed. If it is the"
            " gateway, all who come through it share one address.",
            peer,
        )


def _parsed(text: str) -> Address | None:
    """The address, IPv4 also where it is written as one of IPv6; None if it is none."""
    try:
        address = ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=8)
def _trusted(names: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(network for name in names for network in networks(name))
