"""Which addresses a webhook may call: public ones, and what the operator allows."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from webmacs.config.networks import Network

Address = IPv4Address | IPv6Address

# The IPv6 addresses that are given out to be reached from everywhere.
GLOBAL_UNICAST = ip_network("2000::/3")
# An address of these ends in the IPv4 address that is really called.
NAT64 = ip_network("64:ff9b::/96")
# `is_global` differs from one Python to the next, and knows neither relays nor what clouds put on public addresses.
NEVER = [
    ip_network(text)
    for text in (
        "192.0.0.0/24",  # protocol assignments, and metadata of one cloud
        "192.88.99.0/24",  # relays from IPv6 to IPv4
        "168.63.129.16/32",  # the inner services of Azure
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments; among them Teredo, which holds an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which holds an IPv4 address
        "3fff::/20",  # documentation
    )
]


def is_callable(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether a connection to `address` may be made."""
    real = _real(address)
    if any(real in network for network in allowed):
        return True
    return _is_public(real)


def parse(text: str) -> Address:
    """An address as the resolver gives it, with or without an IPv6 zone."""
    return ip_address(text.partition("%")[0])


def _real(address: Address) -> Address:
    """The IPv4 address that a mapped or translated IPv6 address stands for, else the address itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return address.is_global and not any(address in network for network in NEVER)
