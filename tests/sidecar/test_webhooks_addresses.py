"""Which addresses a webhook may call, as a table."""

import pytest

from webmacs.config.networks import networks
from webmacs.webhooks.addresses import is_callable, parse

PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "93.184.215.14",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001::1",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
)
FORBIDDEN = {
    "unspecified": ("0.0.0.0", "0.1.2.3", "::"),  # noqa: S104
    "loopback": ("127.0.0.1", "127.0.0.53", "127.255.255.255", "::1"),
    "private": ("10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fdff::1"),
    "link-local": ("169.254.0.1", "169.254.255.255", "fe80::1", "fe80::1%eth0", "febf::1"),
    "site-local": ("fec0::1",),
    "metadata": ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    "shared by a provider": ("100.64.0.1", "100.127.255.255"),
    "multicast": ("224.0.0.1", "224.0.1.1", "239.255.255.255", "ff02::1", "ff0e::1"),
    "reserved": ("240.0.0.1", "255.255.255.255", "4000::1", "100::1"),
    "protocols": ("192.0.0.1", "192.88.99.1", "2001::1", "2001:10::1", "2001:20::1"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
    "benchmarks": ("198.18.0.1", "198.19.255.255", "2001:2::1"),
    "mapped": ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0"),
    "compatible": ("::127.0.0.1", "::8.8.8.8"),
    "NAT64": ("64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8"),
    "6to4": ("2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1"),
    "Teredo": ("2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert is_callable(parse(address), [])


@pytest.mark.parametrize(
    "address", [pytest.param(one, id=f"{kind} {one}") for kind, addresses in FORBIDDEN.items() for one in addresses]
)
def test_no_other_may(address: str) -> None:
    assert not is_callable(parse(address), [])


@pytest.mark.parametrize(
    ("range_", "address", "may"),
    [
        ("private", "10.1.2.3", True),
        ("private", "172.31.0.1", True),
        ("private", "192.168.1.1", True),
        ("private", "fd12::1", True),
        ("private", "::ffff:10.1.2.3", True),
        ("private", "127.0.0.1", False),
        ("private", "169.254.169.254", False),
        ("loopback", "127.0.0.1", True),
        ("loopback", "::1", True),
        ("loopback", "10.0.0.1", False),
        ("10.1.0.0/16", "10.1.255.255", True),
        ("10.1.0.0/16", "10.2.0.0", False),
        ("10.1.0.0/16", "2002:a01:1::", False),
        ("192.168.7.9", "192.168.7.9", True),
        ("192.168.7.9", "192.168.7.8", False),
        ("fe80::/10", "fe80::1%eth0", True),
        ("10.0.0.0/8", "8.8.8.8", True),
    ],
)
def test_what_the_operator_allows(range_: str, address: str, may: bool) -> None:
    assert is_callable(parse(address), networks(range_)) is may


@pytest.mark.parametrize("text", ["", "lan", "10.0.0.1/8", "10.0.0.0/33", "10.*", "localhost", "::/129"])
def test_a_range_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        networks(text)
