"""Logging in through TLS: cookies, origins, and the way to an identity provider and back."""

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.gateway.conftest import PASSWORD, Gateway
from tests.support.people import Caller


def log_in(gateway: Gateway, ada: Caller, origin: str) -> httpx.Response:
    body = {"username": ada.name, "password": PASSWORD, "cookie": True}
    return httpx.post(
        f"{gateway.url}/auth/login",
        json=body,
        headers={"Origin": origin},
        verify=gateway.trust,
        trust_env=False,
        timeout=60,
    )


def refresh(gateway: Gateway, cookie: str, origin: str) -> httpx.Response:
    headers = {"Origin": origin, "Cookie": cookie}
    return httpx.post(f"{gateway.url}/auth/refresh", headers=headers, verify=gateway.trust, trust_env=False, timeout=60)


def test_the_cookie_of_a_login(gateway: Gateway, ada: Caller) -> None:
    answer = log_in(gateway, ada, gateway.url)
    assert answer.status_code == 200, answer.text
    assert "refresh_token" not in answer.json() or answer.json()["refresh_token"] is None
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Secure-webmacs_refresh=")
    for attribute in ("Secure", "HttpOnly", "SameSite=strict", "Path=/auth"):
        assert attribute.lower() in cookie.lower(), cookie
    pair = cookie.partition(";")[0]
    assert refresh(gateway, pair, "https://localhost").status_code == 403
    assert refresh(gateway, pair, f"http://localhost:{gateway.port}").status_code == 403
    token = refresh(gateway, pair, gateway.url).json()["access_token"]
    me = gateway.client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()[0]["role"] == "operator"


@pytest.mark.parametrize("path", ["/api/events", "/auth/me"])
def test_pages_of_others_may_not_ask(path: str, gateway: Gateway) -> None:
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    for origin, allowed in ((gateway.url, gateway.url), ("https://evil.example", None), ("null", None)):
        headers = asked | {"Origin": origin}
        answer = gateway.client.options(path, headers=headers)
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed, (origin, answer.headers)


def test_the_page_is_told_the_address_of_the_rest_api(gateway: Gateway) -> None:
    api = gateway.client.get("/app-config.json").json()["api"]
    assert api == f"{gateway.url}/api"
    policy = gateway.client.get("/").headers["Content-Security-Policy"]
    assert f"wss://localhost:{gateway.port} {gateway.url};" in policy


def test_the_way_to_an_identity_provider_and_back(gateway: Gateway) -> None:
    (button,) = gateway.client.get("/auth/sso/config").json()["providers"]
    assert button["authorize_url"] == f"{gateway.url}/auth/sso/authorize?provider=lab"
    answer = gateway.client.get("/auth/sso/authorize?provider=lab&next=/events")
    assert answer.status_code == 303, answer.text
    address = urlsplit(answer.headers["Location"])
    asked = parse_qs(address.query)
    assert asked["redirect_uri"] == [f"{gateway.url}/auth/sso/callback"]
    assert answer.headers["Set-Cookie"].startswith("__Host-")
    back = gateway.client.get(f"/auth/sso/callback?error=access_denied&state={asked['state'][0]}")
    assert back.status_code == 303
    assert urlsplit(back.headers["Location"])[:2] in (("", ""), urlsplit(gateway.url)[:2])
    assert asked["state"][0] not in gateway.logs()
