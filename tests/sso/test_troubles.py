"""A provider that is down, silent or another than it should be disturbs nobody but those who log in by it."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from tests.sso.visitor import Visitor, query_of
from tests.support.identity_provider import CLIENT_SECRET, DISCOVERY, TOKEN, IdentityProvider
from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from webmacs.accounts.passwords import hash_password
from webmacs.config import Config
from webmacs.database import CONNECTIONS

UNAVAILABLE = {"sso_error": "provider_unavailable"}


@pytest.mark.parametrize("name", ["down", "impostor"])
def test_a_provider_that_is_not_there_or_not_itself_is_said_at_once(visitor: Visitor, name: str) -> None:
    answer = visitor.begins(name, next="/events")
    assert query_of(answer.headers["Location"]) == {**UNAVAILABLE, "next": "/events"}
    assert "Set-Cookie" not in answer.headers


def test_a_provider_that_is_silent_holds_up_nobody_else(
    visitor: Visitor, provider: IdentityProvider, people: People
) -> None:
    ada = people.user("viewer", password_hash=hash_password("correct horse battery", 4))
    provider.knows("waits", groups=["run"])
    visitors = [Visitor(visitor.config) for _ in range(CONNECTIONS + 1)]
    addresses = [one.at_provider(one.begins().headers["Location"], "waits") for one in visitors]
    provider.misbehaves(silent=True)
    before = provider.asked(TOKEN)
    with ThreadPoolExecutor(len(visitors)) as threads:
        waiting = [threads.submit(one.comes_back, address) for one, address in zip(visitors, addresses, strict=True)]
        while provider.asked(TOKEN) < before + len(visitors):
            pass
        login = visitor.here.post(
            f"{visitor.url}/auth/login", json={"username": ada.name, "password": "correct horse battery"}
        )
        assert login.status_code == 200
        assert all(one.result() == UNAVAILABLE for one in waiting)


def test_strangers_cannot_make_us_ask_a_provider_again_and_again(visitor: Visitor, provider: IdentityProvider) -> None:
    before = provider.asked(DISCOVERY)
    for _ in range(5):
        visitor.begins("impostor")
    assert provider.asked(DISCOVERY) <= before + 1


def test_a_database_that_is_away_is_said_by_the_page(config: Config, provider: IdentityProvider) -> None:
    away = replace(
        config,
        database=replace(config.database, uri="postgresql://webmacs_sidecar@127.0.0.1:1/none"),
        server=replace(config.server, port=free_port()),
    )
    with running_sidecar(away) as url, httpx.Client(base_url=url, **PLAIN) as client:
        begun = client.get("/auth/sso/authorize?provider=lab")
        back = client.get("/auth/sso/callback?state=a&code=b", headers={"Cookie": f"webmacs_sso={'a' * 43}"})
    for answer in (begun, back):
        assert query_of(answer.headers["Location"]) == {"sso_error": "server_unavailable"}


def test_the_log_says_why_and_nothing_secret(
    visitor: Visitor, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.knows("logged", groups=["run"])
    with caplog.at_level(logging.DEBUG, "webmacs"):
        address = visitor.at_provider(visitor.begins().headers["Location"], "logged")
        code = visitor.comes_back(address)["sso_code"]
        token = visitor.exchanges(code).json()
        provider.forges(claims={"aud": "other"})
        visitor.tries("logged")
    assert "login by lab, user id" in caplog.text
    assert "login by lab refused: the ID token is refused" in caplog.text
    asked = query_of(address)
    for secret in (asked["code"], asked["state"], code, token["access_token"], token["refresh_token"], CLIENT_SECRET):
        assert secret not in caplog.text
    assert next(iter(visitor.here.cookies.values())) not in caplog.text
