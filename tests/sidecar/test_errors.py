"""Whatever goes wrong, the answer has one shape and betrays nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import psycopg
import pytest

from tests.sidecar.conftest import PASSWORD, Door, bearer
from tests.support.people import Caller
from webmacs.config import Config
from webmacs.errors import database as database_errors
from webmacs.web.app import create_app

SHAPE = {"code", "message", "details", "hint"}
LOGIN = {"username": "ada", "password": PASSWORD}

Ask = Callable[[httpx.Client], httpx.Response]


def raw(content: bytes, kind: str = "application/json") -> Ask:
    return lambda client: client.post("/auth/login", content=content, headers={"Content-Type": kind})


def login(body: Any) -> Ask:
    return lambda client: client.post("/auth/login", json=body)


MISTAKES: dict[str, tuple[Ask, int, str]] = {
    "unknown address": (lambda client: client.get("/auth/nothing"), 404, "nothing at this address"),
    "unknown address of the page": (lambda client: client.get("/nothing.js"), 404, "nothing at this address"),
    "wrong method": (lambda client: client.get("/auth/login"), 405, "does not take this method"),
    "no JSON": (raw(b"{"), 400, "not valid JSON"),
    "no body": (raw(b""), 422, "is missing."),
    "nested deeply": (raw(b"[" * 100_000), 400, "understood"),
    "another content type": (raw(b"username=ada", "text/plain"), 422, "must be a JSON object"),
    "not UTF-8": (raw(b'{"username": "\xff", "password": "x"}'), 400, ""),
    "a list": (login([]), 422, "must be a JSON object"),
    "field missing": (login({"username": "ada"}), 422, "password is missing."),
    "field unknown": (login({**LOGIN, "admin": True}), 422, "admin is not known here."),
    "a text for true or false": (login({**LOGIN, "cookie": "yes"}), 422, "cookie must be true or false."),
    "a number for a text": (login({**LOGIN, "username": 7}), 422, "username must be a text."),
    "null for a text": (login({**LOGIN, "password": None}), 422, "password must be a text."),
    "half a character": (raw(b'{"username": "\\ud800", "password": "x"}'), 422, "username must be valid Unicode."),
    "NUL": (login({**LOGIN, "username": "a\0b"}), 422, "username must not contain the character NUL."),
    "too long": (login({**LOGIN, "username": "x" * 1001}), 422, "username must have at most 1000 characters."),
    "too large": (raw(b" " * 2_000_000), 413, "too large"),
    "too large, unannounced": (
        lambda client: client.post(
            "/auth/login", content=(b" " * 65536 for _ in range(32)), headers={"Content-Type": "application/json"}
        ),
        413,
        "too large",
    ),
}


@pytest.mark.parametrize(("ask", "status", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_clients_mistake(door: Door, ask: Ask, status: int, said: str) -> None:
    answer = ask(door.client)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == SHAPE
    assert said in answer.json()["message"]
    assert answer.headers["X-Request-ID"]
    assert PASSWORD not in answer.text


def test_several_mistakes_are_all_named(door: Door) -> None:
    details = door.post("/auth/login", {"password": 1}).json()["details"]
    assert details == "username is missing. password must be a text."


def ask_app(config: Config, error: Exception) -> httpx.Response:
    """What the application answers if a route raises `error`."""
    app = create_app(config)

    @app.get("/auth/raise")
    async def _raise() -> None:
        raise error

    async def ask() -> httpx.Response:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sidecar") as client,
        ):
            return await client.get("/auth/raise", headers={"X-Request-ID": "find-me"})

    return asyncio.run(ask())


def test_our_own_mistake_is_500_and_says_nothing_but_the_request_id(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    answer = ask_app(config, RuntimeError("secret words"))
    assert answer.status_code == 500
    assert set(answer.json()) == SHAPE
    assert answer.json()["details"] == "request id find-me"
    assert answer.headers["X-Request-ID"] == "find-me"
    assert "secret words" not in answer.text
    assert "secret words" in caplog.text


SQL: dict[str, tuple[str, int]] = {
    "raise sqlstate 'PT401' using message = 'said'": ("PT401", 401),
    "raise sqlstate 'PT404' using message = 'said', detail = 'more', hint = 'do'": ("PT404", 404),
    "raise exception 'said'": ("P0001", 400),
    "raise sqlstate '42501'": ("42501", 403),
    "raise sqlstate '23505'": ("23505", 409),
    "raise sqlstate '23503'": ("23503", 409),
    "raise sqlstate '23514'": ("23514", 400),
    "raise sqlstate '22003'": ("22003", 400),
    "raise sqlstate '57014'": ("57014", 504),
    "raise sqlstate '57P01'": ("57P01", 503),
    "raise sqlstate '40P01'": ("40P01", 503),
    "raise sqlstate '42601'": ("42601", 500),
    "raise sqlstate 'XX000'": ("XX000", 500),
}


@pytest.mark.parametrize("statement", SQL)
def test_what_the_database_says(config: Config, ada: Caller, sql: Any, statement: str) -> None:
    state, status = SQL[statement]
    with pytest.raises(psycopg.Error) as raised:
        sql.superuser.execute(f"do $$ begin {statement}; end $$")
    assert raised.value.sqlstate == state
    answer = ask_app(config, raised.value)
    assert answer.status_code == status
    assert set(answer.json()) == SHAPE


def test_a_refused_row_is_not_shown(sql: Any) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as raised:
        sql.superuser.execute("select private.add_user('x y', null, 'viewer', 'the hash')")
    error = database_errors.as_api_error(raised.value)
    assert error is not None
    assert error.message == "Username must be 2 to 50 letters, digits, dots, - or _."
    assert "the hash" not in str(error.body())


def test_an_answer_is_never_cached_or_sniffed(door: Door, ada: Caller) -> None:
    headers = door.client.get("/auth/me", headers=bearer(ada.token)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_cors_only_for_configured_origins(config: Config) -> None:
    server = replace(config.server, cors_origins=["https://lab.example.org"])
    app = create_app(replace(config, server=server))

    async def preflight(origin: str) -> httpx.Response:
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sidecar") as client:
            return await client.options("/auth/login", headers=headers)

    assert "Access-Control-Allow-Origin" not in asyncio.run(preflight("https://evil.example.org")).headers
    allowed = asyncio.run(preflight("https://lab.example.org"))
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://lab.example.org"
