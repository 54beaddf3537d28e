"""From which address somebody asks, and who may say so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmacs.config.networks import networks
from webmacs.web.client_address import network_of, who_asks

GATEWAY = [*networks("127.0.0.1/32"), *networks("10.0.0.0/8"), *networks("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),  # spoofed by a peer that is no gateway
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "192.0.2.66, 198.51.100.1", "198.51.100.1"),  # spoofed before the gateway
        ("127.0.0.1", "192.0.2.66,198.51.100.1, 10.0.0.7", "198.51.100.1"),  # two gateways
        ("127.0.0.1", "10.0.0.9, 10.0.0.7", "10.0.0.9"),  # somebody within
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, rubbish", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1, ", "127.0.0.1"),
        ("127.0.0.1", "rubbish, 10.0.0.7", "10.0.0.7"),
        ("127.0.0.1", "198.51.100.1:4711", "127.0.0.1"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("fd00::1", "2001:DB8::0001", "2001:db8::1"),
        ("fe80::1%eth0", "198.51.100.1", "fe80::1"),
        ("", "198.51.100.1", None),
        ("not an address", "198.51.100.1", None),
    ],
)
def test_who_asks(peer: str, forwarded: str, address: str | None) -> None:
    assert who_asks(peer, forwarded, GATEWAY) == address


@given(st.text())
def test_no_header_breaks_it_or_moves_a_stranger(forwarded: str) -> None:
    assert who_asks("203.0.113.5", forwarded, GATEWAY) == "203.0.113.5"
    who_asks("127.0.0.1", forwarded, GATEWAY)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:ffff::7", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("not an address", "not an address"),
        (None, "nowhere"),
    ],
)
def test_what_counts_as_one(address: str | None, network: str) -> None:
    assert network_of(address) == network
