"""Where each address leads, and what the gateway adds to it. The sidecar, asked directly, is what it is compared to."""

import gzip
import json
import re
from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.conftest import Gateway
from webmacs import here
from webmacs.web.app import create_app
from webmacs.web.page import API

PAGE = "<!doctype html><title>WebMACS</title>"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
# Each own words for what they answer; and what is made anew for each answer
DIFFERS = {"date", "server", "x-request-id", "content-length", "connection", "keep-alive", "vary", "last-modified"}
DIFFERS |= {"etag", "accept-ranges", "strict-transport-security", "transfer-encoding", "content-encoding"}


@pytest.fixture(scope="module")
def sidecar(gateway: Gateway) -> Iterator[httpx.Client]:
    """Asks it past Apache, where it serves the page itself."""
    with here.sidecar(gateway.config).client() as client:
        yield client


def test_the_page(gateway: Gateway) -> None:
    for path in ("/", "/index.html", "/events", "/events/4f2c", "/users?filter=a.b"):
        answer = gateway.client.get(path)
        assert (answer.status_code, answer.text) == (200, PAGE), path
        assert answer.headers["Content-Type"].startswith("text/html")
    assert gateway.client.get("/favicon.svg").headers["Content-Type"] == "image/svg+xml"


def test_plain_http_is_sent_to_tls(gateway: Gateway) -> None:
    plain = f"http://127.0.0.1:{gateway.config.gateway.http_port}"
    answer = httpx.get(f"{plain}/events?x=1", headers={"Host": "evil.example"}, trust_env=False, timeout=60)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{gateway.url}/events?x=1")


def test_every_route_of_the_sidecar_is_reached(gateway: Gateway) -> None:
    schema = create_app(gateway.config).openapi()
    paths = [re.sub(r"{\w+}", "1", path) for path in schema["paths"]]
    assert len(paths) > 15
    for path in [*paths, "/docs", "/openapi.json"]:
        answer = gateway.client.get(path)
        assert PAGE not in answer.text, path
        assert "sidecar" in answer.text or path in ("/health", "/app-config.json") or answer.status_code != 404, path


@pytest.mark.parametrize(
    "path",
    [
        *(f"/{prefix}/nothing" for prefix in re.findall(r"[^(|]+(?=[|)])", API.pattern.split(")(/")[0] + ")")),
        *("/assets/missing-12345678.js", "/nothing.txt", "/events", "/index.html", "/assets/index-BqX9_k2a.js"),
        *("/app-config.json", "/auth/me", "/api-of-another", "/docs"),
    ],
)
def test_the_gateway_answers_as_the_sidecar_would(path: str, gateway: Gateway, sidecar: httpx.Client) -> None:
    through, direct = gateway.client.get(path.replace("\\", "")), sidecar.get(path.replace("\\", ""))
    if path.startswith("/api/"):
        assert (through.status_code, through.json()["code"]) == (401, "PGRST302")
        return
    assert (through.status_code, through.text) == (direct.status_code, direct.text)
    assert _comparable(through) == _comparable(direct)


def _comparable(answer: httpx.Response) -> dict[str, str]:
    """Headers without what says the same in other words."""
    headers = {name: value for name, value in answer.headers.items() if name not in DIFFERS}
    return headers | {"content-type": headers["content-type"].replace("; charset=utf-8", "")}


def test_the_rest_api(gateway: Gateway) -> None:
    me = gateway.client.get("/api/me", headers=gateway.as_role("operator"))
    assert (me.status_code, me.json()[0]["role"]) == (200, "operator")
    assert me.headers["Cache-Control"] == "no-store"
    refused = gateway.client.get("/api/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "PGRST302")
    documentation = gateway.client.get("/api/", headers=gateway.as_role("viewer"))
    assert "/events" in documentation.json()["paths"]
    assert [documentation.json()[key] for key in ("schemes", "host", "basePath")] == [
        ["https"],
        f"localhost:{gateway.port}",
        "/api",
    ]
    assert gateway.client.get("/api").headers["Location"] == f"{gateway.url}/api/"


def test_what_was_made_is_found_where_the_answer_says(gateway: Gateway) -> None:
    made = gateway.client.post(
        "/api/log_entries",
        json={"message": "Pump 3 was greased."},
        headers=gateway.as_role("operator") | {"Prefer": "return=headers-only"},
    )
    assert made.status_code == 201, made.text
    assert made.headers["Location"].startswith("/api/log_entries?"), made.headers
    found = gateway.client.get(made.headers["Location"], headers=gateway.as_role("operator"))
    assert found.json()[0]["message"] == "Pump 3 was greased."


def test_a_path_is_passed_on_as_it_was_written(gateway: Gateway) -> None:
    """Filters hold what people write."""
    headers = gateway.as_role("viewer")
    for value in ("a%20b", "%25", "a%2Fb", "%C3%A4", "a+b", "%22x%2Cy%22"):
        answer = gateway.client.get(f"/api/events?select=name&name=eq.{value}", headers=headers)
        assert (answer.status_code, answer.json()) == (200, []), value


def test_hashed_files_are_kept_for_a_year_and_the_rest_is_asked_for(gateway: Gateway) -> None:
    hashed = gateway.client.get("/assets/index-BqX9_k2a.js")
    assert hashed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for path in ("/", "/favicon.svg", "/events"):
        assert gateway.client.get(path).headers["Cache-Control"] == "no-cache", path
    assert gateway.client.get("/app-config.json").headers["Cache-Control"] == "no-store"
    again = gateway.client.get("/", headers={"If-None-Match": gateway.client.get("/").headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_compression(coding: str, gateway: Gateway) -> None:
    headers = {"Accept-Encoding": coding}
    asked = ["/assets/index-BqX9_k2a.js", "/api/", "/openapi.json"]
    for path in asked:
        with gateway.client.stream("GET", path, headers=headers | gateway.as_role("viewer")) as answer:
            raw = b"".join(answer.iter_raw())
        assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, coding), path
        assert coding != "gzip" or len(gzip.decompress(raw)) > len(raw)
    token = gateway.client.get("/auth/me", headers=headers | gateway.as_role("viewer"))
    assert "Content-Encoding" not in token.headers


@pytest.mark.parametrize("path", ["/", "/nothing.txt", "/api/me", "/health", "/auth/nothing", "/metrics", "/%2f", "/%"])
def test_security_headers_are_on_every_answer_once(path: str, gateway: Gateway, sidecar: httpx.Client) -> None:
    said = gateway.say(f"GET {path} HTTP/1.1\r\nHost: localhost:{gateway.port}\r\nConnection: close\r\n\r\n".encode())
    lines = said.partition(b"\r\n\r\n")[0].decode().splitlines()[1:]
    found: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        found.setdefault(name.lower(), []).append(value)
    expected = sidecar.get("/health").headers
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"):
        assert found.get(name.lower()) == [expected[name]], (name, said)
    for name in ("Permissions-Policy", "Cross-Origin-Opener-Policy"):
        assert found[name.lower()] == [expected[name]]
    assert found["strict-transport-security"] == ["max-age=31536000"]
    assert len(found["x-request-id"]) == 1
    assert found["server"] == ["Apache"]


@pytest.mark.parametrize(
    ("request_line", "header", "status"),
    [
        ("GET /assets/index-BqX9_k2a.js", "Range: bytes=999999-", 416),
        ("POST /auth/login", "Expect: tea", 417),
        ("FOO /auth/me", "X-A: b", 405),
        ("TRACE /api/events", "X-A: b", 405),
        ("GET /%2f", "X-A: b", 404),
        ("POST /auth/login", "Content-Length: -1", 400),
        ("POST /auth/login", "Content-Length: 99999999", 413),
        ("POST /auth/login", "Transfer-Encoding: gzip, chunked", 411),
        ("GET /" + "x" * 1100, "X-A: b", 414),
    ],
)
def test_refusals_of_the_gateway_have_the_one_shape_and_all_headers(
    request_line: str, header: str, status: int, gateway: Gateway
) -> None:
    lines = f"{request_line} HTTP/1.1\r\nHost: localhost:{gateway.port}\r\nConnection: close\r\n{header}\r\n\r\n"
    head, _, body = gateway.say(lines.encode()).decode().partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} "), head
    assert json.loads(body).keys() == {"code", "message", "details", "hint"}
    names = [line.partition(":")[0].lower() for line in head.splitlines()]
    assert "content-type: application/json" in head.lower()
    for name in ("content-security-policy", "x-content-type-options", "strict-transport-security", "x-request-id"):
        assert names.count(name) == 1, head


def test_a_redirect_is_no_json(gateway: Gateway) -> None:
    assert gateway.client.get("/api").headers["Content-Type"].startswith("text/html")


def test_only_reading_of_the_page(gateway: Gateway) -> None:
    for method in ("POST", "PUT", "DELETE", "PROPFIND", "TRACE", "CONNECT"):
        answer = gateway.client.request(method, "/")
        assert answer.status_code in (400, 403, 405), (method, answer.status_code)
        assert answer.json().keys() == {"code", "message", "details", "hint"}, method
