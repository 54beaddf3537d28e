"""Every address of the sidecar: who comes in without a token, and what hostile values do there."""

import json
from typing import Any

import httpx
import pytest

from tests.security.injections import PAYLOADS
from tests.support.people import People
from tests.support.plain import PLAIN
from webmacs.config import Config
from webmacs.web.app import create_app

SHAPE = {"code", "message", "details", "hint"}
# ways to get in, and what the page needs before somebody has
PUBLIC = {
    "GET /.well-known/jwks.json",
    "GET /app-config.json",
    "GET /auth/sso/authorize",
    "GET /auth/sso/callback",
    "GET /auth/sso/config",
    "GET /health",
    "POST /auth/login",
    "POST /auth/register",
    "POST /auth/reset",
    "POST /auth/service",
    "POST /auth/sso/exchange",
}


Routes = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture(scope="module")
def routes(config: Config) -> Routes:
    """Method, path and the schema of the operation."""
    paths = create_app(config).openapi()["paths"]
    return [(method, path, operation) for path, item in paths.items() for method, operation in item.items()]


def test_what_is_open_to_strangers_is_listed(routes: Routes, sidecar: str) -> None:
    """A new route that forgets to ask for a token fails here."""
    answers = {
        f"{m.upper()} {p}": httpx.request(m, _filled(sidecar, p, "x"), **PLAIN).status_code for m, p, _ in routes
    }
    assert {route for route, status in answers.items() if status != 401} == PUBLIC


@pytest.mark.parametrize("payload", PAYLOADS)
def test_hostile_values(payload: str, routes: Routes, sidecar: str, people: People) -> None:
    token = people.user("admin").token
    for method, path, operation in routes:
        for request in _requests(operation, PAYLOADS[payload]):
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            url = _filled(sidecar, path, "x")
            answer = httpx.request(method, url, headers=headers, follow_redirects=False, **PLAIN, **request)
            said = f"{method} {path} {str(request)[:200]}: {answer.text[:300]}"
            assert answer.status_code < 500 or answer.status_code == 503, said
            assert "stolen" not in answer.headers.get("Set-Cookie", ""), said
            if answer.status_code >= 400:
                assert set(answer.json()) == SHAPE, said


def _requests(operation: dict[str, Any], payload: str) -> list[dict[str, Any]]:
    names = [parameter["name"] for parameter in operation.get("parameters", []) if parameter["in"] == "query"]
    fit = "\ud800" not in payload and len(payload) < 5000
    found: list[dict[str, Any]] = [{"params": {name: payload}} for name in names if fit]
    if "requestBody" in operation:
        fields = ("username", "password", "refresh_token", "token", "secret", "name", "email", payload[:300])
        found += [{"content": json.dumps({field: payload})} for field in fields]
        found.append({"content": json.dumps(payload)})
    return found


def _filled(sidecar: str, path: str, value: str) -> str:
    return sidecar + "/".join(value if part.startswith("{") else part for part in path.split("/"))
