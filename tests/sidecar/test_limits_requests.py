"""Requests of one token and of one address, through the door."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from websockets.sync.client import connect

from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from webmacs.config import Config, Limits

TOKENS, ADDRESSES = 5, 20
GATEWAY = ["127.0.0.1/32"]


@pytest.fixture
def few(config: Config, people: People) -> Iterator[str]:
    """A fresh sidecar with low limits, behind a gateway, which is the test."""
    limited = replace(
        config,
        limits=Limits(token_requests=TOKENS, address_requests=ADDRESSES),
        server=replace(config.server, port=free_port(), trusted_proxies=GATEWAY),
    )
    with running_sidecar(limited) as url:
        yield url


def statuses(url: str, number: int, **headers: str) -> list[int]:
    with httpx.Client(base_url=url, **PLAIN, headers=headers) as client:
        return [client.get("/auth/me").status_code for _ in range(number)]


def test_a_token_has_its_limit_and_so_has_an_address(few: str, people: People) -> None:
    mine, other = (f"Bearer {people.user().token}" for _ in range(2))
    assert statuses(few, TOKENS + 2, Authorization=mine) == [200] * TOKENS + [429] * 2
    assert statuses(few, 1, Authorization=other) == [200]
    # whatever tokens it invents
    invented = (status for n in range(10 * ADDRESSES) for status in statuses(few, 1, Authorization=f"Bearer {n}"))
    assert 429 in invented
    assert statuses(few, 1, Authorization=other, **{"X-Forwarded-For": "192.0.2.7"}) == [200]


def test_a_token_is_the_same_however_its_header_is_written(few: str, people: People) -> None:
    token = people.user().token
    assert statuses(few, TOKENS, Authorization=f"Bearer {token}") == [200] * TOKENS
    assert [statuses(few, 1, Authorization=f"{word} {token}") for word in ("bearer", "BEARER", "bEaReR")] == [[429]] * 3


def test_who_is_refused_for_a_token_takes_nothing_from_neighbours(few: str, people: People) -> None:
    circling, other = (f"Bearer {people.user().token}" for _ in range(2))
    assert statuses(few, 3 * ADDRESSES, Authorization=circling).count(429) > ADDRESSES
    assert statuses(few, TOKENS, Authorization=other) == [200] * TOKENS


def test_the_answer_says_when_and_why(few: str, config: Config) -> None:
    page = config.server.public_url
    with httpx.Client(base_url=few, headers={"Origin": page}, **PLAIN) as client:
        while (refused := client.get("/auth/me")).status_code != 429:  # one more is allowed every three seconds
            pass
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["Access-Control-Allow-Origin"] == page
    assert "X-Request-ID" in refused.headers


def test_who_watches_and_who_measures_are_not_counted(few: str, people: People) -> None:
    token = people.the("controller").token
    assert 429 in statuses(few, ADDRESSES + 5, Authorization=f"Bearer {token}")
    assert httpx.get(f"{few}/health", **PLAIN).status_code in (200, 503)
    telemetry = few.replace("http", "ws") + "/ws/controller/telemetry"
    for _ in range(3):
        with connect(telemetry, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
            assert socket.protocol.state.name == "OPEN"
