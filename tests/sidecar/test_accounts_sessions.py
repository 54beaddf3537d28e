"""Sessions through the door: refreshing by token and by cookie, who may use the cookie, logging out, races."""

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from http.cookies import SimpleCookie
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.sidecar.conftest import PASSWORD, Door
from tests.support.people import Caller
from tests.support.plain import PLAIN
from tests.support.ports import free_port
from tests.support.rest import Api
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

COOKIE = "webmacs_refresh"
FOREIGN = ["https://evil.example", "http://127.0.0.1:1", "null", None]


@pytest.fixture
def browser(door: Door, config: Config) -> Iterator[httpx.Client]:
    """Keeps cookies, and says which page asks, as browsers do."""
    headers = {"Origin": config.server.public_url}
    with httpx.Client(base_url=door.url, headers=headers, **PLAIN) as client:
        yield client


def sign_in(browser: httpx.Client, who: Caller) -> httpx.Response:
    return browser.post("/auth/login", json={"username": who.name, "password": PASSWORD, "cookie": True})


def refresh(door: Door, token: object) -> httpx.Response:
    return door.post("/auth/refresh", {"refresh_token": token})


def make_old(sql: Sql, who: Caller) -> None:
    """All refresh tokens of this user were used 11 seconds ago."""
    sql.superuser.execute(
        "update private.refresh_tokens r set used_at = now() - interval '11 seconds' from private.credentials t"
        " where t.id = r.credential_id and t.user_id = %s and used_at is not null",
        (who.id,),
    )


def test_a_program_goes_on_by_what_it_was_given(door: Door, ada: Caller, api: Api) -> None:
    login = door.login(ada.name).json()
    assert login["expires_in"] == 900
    first = refresh(door, login["refresh_token"])
    second = refresh(door, first.json()["refresh_token"])
    for answer in (first, second):
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        assert api.with_token(answer.json()["access_token"]).get("/me").json()[0]["name"] == ada.name
    (row,) = api.with_token(second.json()["access_token"]).get("/sessions?is_current=is.true").json()
    assert (row["first_address"], row["revoked_at"]) == ("127.0.0.1", None)
    assert row["first_agent"].startswith("python-httpx")


def test_repeated_at_once_it_has_the_same_successor(door: Door, ada: Caller) -> None:
    token = door.login(ada.name).json()["refresh_token"]
    answers = [refresh(door, token).json() for _ in range(3)]
    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert all(door.get("/auth/me", answer["access_token"]).is_success for answer in answers)


def test_repeated_later_it_ends_the_session_everywhere(door: Door, ada: Caller, api: Api, sql: Sql) -> None:
    login = door.login(ada.name).json()
    other = door.login(ada.name).json()
    thief = refresh(door, login["refresh_token"]).json()
    make_old(sql, ada)
    assert refresh(door, login["refresh_token"]).status_code == 401
    assert refresh(door, thief["refresh_token"]).status_code == 401
    for token in (login["access_token"], thief["access_token"]):
        assert door.get("/auth/me", token).status_code == 401
        assert api.with_token(token).get("/me").status_code == 401
    assert refresh(door, other["refresh_token"]).status_code == 200


@pytest.mark.parametrize("wrong", ["", "x", "ü" * 43, "A" * 43, "nul\0nul", "x" * 1000])
def test_a_wrong_one_is_refused_in_the_same_words(door: Door, ada: Caller, sql: Sql, wrong: str) -> None:
    used = door.login(ada.name).json()["refresh_token"]
    refresh(door, used)
    make_old(sql, ada)
    answers = [refresh(door, token) for token in (wrong, used)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("body", [{}, {"refresh_token": 1}, {"refresh_token": "x" * 1001}, {"token": "x"}, [], "x"])
def test_what_cannot_be(door: Door, body: object) -> None:
    assert door.post("/auth/refresh", body).status_code == 422


def test_without_anything(door: Door) -> None:
    assert door.post("/auth/refresh").status_code == 401


def test_a_browser_has_it_where_no_script_can_read_it(browser: httpx.Client, ada: Caller) -> None:
    login = sign_in(browser, ada)
    assert login.json()["refresh_token"] is None
    cookie = SimpleCookie(login.headers["set-cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["samesite"].lower(), cookie["path"]) == (True, "strict", "/auth")
    assert 43200 - 10 < int(cookie["max-age"]) <= 43200
    before = cookie.value
    again = browser.post("/auth/refresh")
    assert again.json()["refresh_token"] is None
    assert before not in (browser.cookies[COOKIE], again.text)
    me = browser.get("/auth/me", headers={"Authorization": f"Bearer {again.json()['access_token']}"})
    assert me.json()["username"] == ada.name


def test_behind_tls_the_cookie_is_secure(config: Config, ada: Caller) -> None:
    public = "https://lab.example.org"
    behind = replace(config, server=replace(config.server, port=free_port(), public_url=public))
    with running_sidecar(behind) as url, httpx.Client(base_url=url, headers={"Origin": public}, **PLAIN) as client:
        cookie = SimpleCookie(sign_in(client, ada).headers["set-cookie"])[f"__Secure-{COOKIE}"]
        assert cookie["secure"] is True
        headers = {"Cookie": f"__Secure-{COOKIE}={cookie.value}"}
        assert client.post("/auth/refresh", headers=headers).status_code == 200
        assert client.post("/auth/refresh", headers={"Cookie": f"{COOKIE}={cookie.value}"}).status_code == 401


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout", "/auth/login"])
def test_only_our_page_uses_the_cookie(browser: httpx.Client, ada: Caller, path: str, origin: str | None) -> None:
    sign_in(browser, ada)
    before = browser.cookies[COOKIE]
    body = {"username": ada.name, "password": PASSWORD, "cookie": True} if path == "/auth/login" else None
    browser.headers.pop("Origin")
    refused = browser.post(path, json=body, headers={"Origin": origin} if origin else {})
    assert (refused.status_code, refused.json()["code"]) == (403, "foreign_origin")
    assert "set-cookie" not in refused.headers
    assert browser.cookies[COOKIE] == before


def test_logging_out_takes_the_cookie_and_ends_the_session(browser: httpx.Client, door: Door, ada: Caller) -> None:
    access = sign_in(browser, ada).json()["access_token"]
    cookie = browser.cookies[COOKIE]
    assert browser.post("/auth/logout").status_code == 204
    assert COOKIE not in browser.cookies
    assert door.get("/auth/me", access).status_code == 401
    assert browser.post("/auth/refresh", headers={"Cookie": f"{COOKIE}={cookie}"}).status_code == 401
    assert browser.post("/auth/logout").status_code == 401


def test_two_sidecars_at_the_same_moment_give_the_same_successor(door: Door, config: Config, ada: Caller) -> None:
    other = replace(config, server=replace(config.server, port=free_port()))
    token = door.login(ada.name).json()["refresh_token"]
    barrier = Barrier(8)

    def ask(url: str) -> dict[str, Any]:
        with httpx.Client(base_url=url, **PLAIN) as client:
            client.get("/.well-known/jwks.json")
            barrier.wait()
            answer: dict[str, Any] = client.post("/auth/refresh", json={"refresh_token": token}).json()
            return answer

    with running_sidecar(other) as url, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, [door.url, url] * 4))
    assert len({answer["refresh_token"] for answer in answers}) == 1
    assert all(door.get("/auth/me", answer["access_token"]).is_success for answer in answers)
    assert refresh(door, answers[0]["refresh_token"]).status_code == 200


def test_an_answer_that_was_lost_is_given_again(door: Door, ada: Caller) -> None:
    """The token is rotated and the connection breaks before the client has read a byte."""
    token = door.login(ada.name).json()["refresh_token"]
    body = json.dumps({"refresh_token": token})
    head = f"POST /auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    address = urlsplit(door.url)
    with closing(socket.create_connection((address.hostname, address.port or 80))) as connection:
        connection.sendall(f"{head}\r\n\r\n{body}".encode())
        assert connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"
    again = refresh(door, token)
    assert again.status_code == 200
    assert refresh(door, again.json()["refresh_token"]).status_code == 200
