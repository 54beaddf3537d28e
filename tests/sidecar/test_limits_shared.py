"""Limits on logins hold for all sidecars together and survive their restart."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import httpx
import pytest

from tests.sidecar.conftest import PASSWORD
from tests.support.database import Database
from tests.support.people import Caller, People
from tests.support.plain import PLAIN
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from webmacs.config import Config
from webmacs.web import client_address

HERE, THERE = "192.0.2.1", "2001:db8:1:2::7"


@pytest.fixture
def behind(config: Config, people: People) -> Config:
    """Settings of a sidecar behind a gateway, which is the test."""
    return replace(config, server=replace(config.server, trusted_proxies=["127.0.0.1/32"]))


@pytest.fixture
def two(behind: Config) -> Iterator[list[str]]:
    """Addresses of two sidecars on one database."""
    with ExitStack() as stack:
        ports = [free_port(), free_port()]
        yield [
            stack.enter_context(running_sidecar(replace(behind, server=replace(behind.server, port=port))))
            for port in ports
        ]


def login(url: str, name: str, password: str, address: str = HERE) -> httpx.Response:
    body = {"username": name, "password": password}
    headers = {"X-Forwarded-For": address}
    return httpx.post(f"{url}/auth/login", json=body, headers=headers, **PLAIN)


def guess(urls: list[str], name: str, times: int) -> list[int]:
    return [login(urls[n % len(urls)], name, "wrong password").status_code for n in range(times)]


def in_ten_minutes(database: Database) -> None:
    with database.connect() as connection:
        connection.execute("update private.login_limits set counted_at = counted_at - interval '10 minutes'")


def at_level(database: Database, user: Caller, level: float) -> None:
    """As after so many guesses a moment ago."""
    with database.connect() as connection:
        connection.execute(
            "insert into private.login_limits values ('account', %s, %s, now())"
            " on conflict (kind, subject) do update set level = excluded.level, counted_at = now()",
            [f"user {user.id}", level],
        )


def test_two_sidecars_count_together(two: list[str], ada: Caller, database: Database) -> None:
    at_level(database, ada, 18)
    in_ten_minutes(database)
    assert guess(two, ada.name, 4) == [401, 429, 429, 429]


def test_the_right_password_is_refused_meanwhile_and_not_looked_at(
    two: list[str], ada: Caller, database: Database
) -> None:
    at_level(database, ada, 19)
    for url in two:
        refused = login(url, ada.name, PASSWORD)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
        assert 200 < int(refused.headers["Retry-After"]) <= 256
    in_ten_minutes(database)
    assert login(two[0], ada.name, PASSWORD).status_code == 200
    # counted from zero again
    assert guess(two, ada.name, 3) == [401] * 3


def test_strangers_do_not_keep_out_who_is_at_home(two: list[str], ada: Caller, database: Database) -> None:
    assert login(two[0], ada.name, PASSWORD, THERE).status_code == 200
    at_level(database, ada, 21)
    assert login(two[1], ada.name, PASSWORD, HERE).status_code == 429
    neighbour = "2001:db8:1:2:ffff::1"
    assert login(two[1], ada.name, PASSWORD, neighbour).status_code == 200
    assert login(two[1], ada.name, PASSWORD, "2001:db8:1:3::1").status_code == 429


def test_a_restart_forgets_nothing(behind: Config, ada: Caller, database: Database) -> None:
    at_level(database, ada, 18)
    in_ten_minutes(database)
    with running_sidecar(replace(behind, server=replace(behind.server, port=free_port()))) as url:
        assert login(url, ada.name, "wrong password").status_code == 401
    with running_sidecar(replace(behind, server=replace(behind.server, port=free_port()))) as url:
        assert login(url, ada.name, PASSWORD).status_code == 429


def test_nobody_ends_the_sessions_of_neighbours_by_wrong_refresh_tokens(two: list[str], ada: Caller) -> None:
    """They cannot be guessed, so they need no delay."""
    session = login(two[0], ada.name, PASSWORD).json()
    with httpx.Client(base_url=two[0], headers={"X-Forwarded-For": HERE}, **PLAIN) as client:
        wrong = [client.post("/auth/refresh", json={"refresh_token": f"wrong {n}"}).status_code for n in range(80)]
        good = client.post("/auth/refresh", json={"refresh_token": session["refresh_token"]})
    assert set(wrong) == {401}
    assert good.status_code == 200


def test_a_gateway_that_nobody_named_is_told_once(
    config: Config, ada: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    client_address._tell_untrusted.cache_clear()  # another test of this process may have heard it
    with running_sidecar(replace(config, server=replace(config.server, port=free_port()))) as url:
        for address in (HERE, THERE):
            login(url, ada.name, "wrong password", address)
    said = [record.getMessage() for record in caplog.records if "X-Forwarded-For" in record.getMessage()]
    assert len(said) == 1
    assert said[0].startswith("127.0.0.1 sends X-Forwarded-For and is not in [server] trusted_proxies")
    assert HERE not in said[0]
