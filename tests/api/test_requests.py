"""What holds for every request: time limits, request ids, origins."""

import time

import httpx
import pytest

from tests.support.rest import Api
from tests.support.sql import Sql
from webmacs.config import Config

DEADLINE_SECONDS = 20
REPRESENTATION = {"Prefer": "return=representation"}


@pytest.fixture(scope="module", autouse=True)
def _functions(sql: Sql, api: Api) -> None:
    """Two functions that look at a request from inside."""
    sql.superuser.execute("""
        create function api.time_limit() returns text language sql return current_setting('statement_timeout');
        create function api.take_long() returns void language sql begin atomic select pg_sleep(60); end;
        grant execute on function api.time_limit(), api.take_long()
           to webmacs_anon, webmacs_viewer, webmacs_controller;
        notify pgrst, 'reload schema';
    """)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while api.nobody.get("/rpc/time_limit").status_code == 404 and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("role", "limit"),
    [("anon", "2s"), ("viewer", "10s"), ("operator", "10s"), ("controller", "10s"), ("admin", "1min")],
)
def test_every_role_has_a_time_limit(role: str, limit: str, api: Api) -> None:
    assert api.as_role(role).get("/rpc/time_limit").json() == limit


def test_a_statement_is_ended_at_its_limit(api: Api) -> None:
    answer = api.nobody.post("/rpc/take_long")
    assert answer.json()["code"] == "57014"


@pytest.mark.parametrize("path", ["/", "/events", "/no_such_view", "/rpc/revoke", "/rpc/" + "x" * 10_000])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS"])
def test_strangers_do_not_get_as_far_as_the_database(method: str, path: str, api: Api) -> None:
    """To look for names alike to the long one takes PostgREST half a minute."""
    answer = api.anonymous.request(method, path)
    assert answer.status_code == 401
    assert method == "HEAD" or answer.json()["code"] == "PGRST302"


def test_what_is_refused_is_not_logged(api: Api, config: Config) -> None:
    """Somebody may have put a secret into the address."""
    secret = "hunter2hunter2"
    assert api.as_role("viewer").get(f"/webhooks?secret=eq.{secret}").status_code == 403
    assert api.as_role("viewer").get(f"/events?{secret}=eq.1").status_code == 400
    assert api.with_token(secret).get(f"/rpc/{secret}?secret={secret}").status_code == 401
    assert api.anonymous.get(f"/{secret}?secret={secret}").status_code == 401
    assert api.nobody.post("/rpc/take_long").status_code == 500  # is logged, so the lines before it would be
    log = config.folder / "postgrest.log"
    deadline = time.monotonic() + DEADLINE_SECONDS
    while "take_long" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert secret not in log.read_text()


def test_a_body_beyond_all_measure(api: Api) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    content = bytes(64 * 1024 * 1024 + 1)
    answer = api.as_role("operator").post("/rpc/upload_experiment_file", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "PT413")
    assert "at most 64 MiB" in answer.json()["message"]


def test_the_request_id_comes_back(api: Api) -> None:
    answer = api.as_role("viewer").get("/events", headers={"X-Request-ID": "trace-17"})
    assert answer.headers["X-Request-ID"] == "trace-17"


def _preflight(api: Api, origin: str) -> httpx.Response:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    return api.anonymous.options("/events", headers=asked)


def test_our_page_may_call(api: Api, config: Config) -> None:
    answer = _preflight(api, config.server.public_url)
    assert answer.headers["Access-Control-Allow-Origin"] == config.server.public_url
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_other_pages_may_not(origin: str, api: Api) -> None:
    # PostgREST 12.0 answers an OPTIONS of a foreign page with "*", but without the leave to send a token
    assert "Access-Control-Allow-Headers" not in _preflight(api, origin).headers
    answer = api.as_role("viewer").get("/events", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_what_somebody_wrote_begins_no_second_answer(api: Api) -> None:
    """PostgREST writes the message of an error into the first line of its answer."""
    field = "a\r\nSet-Cookie: stolen=1\r\n\r\nHTTP/1.1 200 OK"
    body = {"rule": {field: 1}, "from": "2026-01-01", "to": "2026-01-02"}
    answer = api.as_role("viewer").post("/rpc/test_rule", json=body)
    assert answer.status_code == 422
    assert "Set-Cookie" not in answer.headers
    assert answer.json()["message"] == "A rule has no a Set-Cookie: stolen=1 HTTP/1.1 200 OK."


def test_nor_does_a_name(api: Api) -> None:
    admin = api.as_role("admin")
    name = "a\r\nSet-Cookie: stolen=1\r\n\r\nb"
    hook = {"name": name, "url": "https://example.org", "types": ["alarm.*"], "enabled": False}
    added = admin.post("/webhooks", json=hook, headers=REPRESENTATION)
    answer = admin.post("/rpc/test_webhook", json={"webhook_id": added.json()[0]["id"]})
    assert answer.status_code == 409
    assert "Set-Cookie" not in answer.headers
    assert answer.json()["message"] == "Webhook a Set-Cookie: stolen=1 b is disabled."
