"""Ranges of addresses, as a setting names them."""

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network

# RFC 1918 and RFC 4193; RFC 1122 and RFC 4291.
NAMED = {
    "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    "loopback": ("127.0.0.0/8", "::1/128"),
}


def networks(text: str) -> list[Network]:
    """The networks of a name, or the one in CIDR notation. Raises ValueError if it is neither."""
    return [ip_network(one) for one in NAMED.get(text, (text,))]
