"""What strangers write into addresses, headers and bodies to get somewhere else."""

import time
from contextlib import closing

import pytest

from tests.gateway.conftest import Gateway
from tests.support.database import Database
from webmacs import here

WORDS = {"code", "message", "details", "hint"}
PATHS = """
/../../../../../../etc/passwd
/assets/../../config.toml
/assets/..%2f..%2fconfig.toml
/assets/%2e%2e/%2e%2e/config.toml
/assets/..%5c..%5cconfig.toml
/assets/.%2e/.%2e/secret
/%2e%2e/secret
/..;/secret
/-/errors/../../webmacs.conf
/-/errors/..%2f..%2fwebmacs.conf
/-/errors/%2e%2e/%2e%2e/webmacs.conf
/-/
/-/errors/
/index.html%00.js
/secret%00
/metrics
/metrics/
//metrics
/./metrics
/%6detrics
/api/../metrics
/api/%2e%2e/metrics
/api/..%2fmetrics
/api/x/../../metrics
/ws/../metrics
/auth/%2e%2e/metrics
/auth/..;/metrics
/docs/..%2fmetrics
/server-info
/balancer-manager
/.git/config
/.htaccess
/cgi-bin/test
"""


def raw_get(gateway: Gateway, path: str, *headers: str) -> tuple[int, str]:
    """Status and the rest of the answer to exactly this address."""
    lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{gateway.port}", "Connection: close", *headers, "", ""]
    said = gateway.say("\r\n".join(lines).encode("latin-1")).decode("utf-8", "replace")
    return int(said.split(" ", 2)[1]), said


@pytest.mark.parametrize("path", PATHS.split())
def test_a_path_leads_nowhere_else(path: str, gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "webmacs")
    status, said = raw_get(gateway, path)
    body = said.partition("\r\n\r\n")[2]
    assert status in (400, 401, 403, 404) or "<title>WebMACS</title>" in body, said
    for secret in ("root:", "[[sso]]", "Define WEBMACS", "a secret with"):
        assert secret not in body
    reached = [record.getMessage() for record in caplog.records if record.name == "webmacs.access"]
    assert not any(" /metrics" in line for line in reached), reached


def test_no_part_behind_it_is_reached_by_name(gateway: Gateway) -> None:
    inside = f"127.0.0.1:{gateway.config.postgrest.admin_port}"
    for target in (f"http://{inside}/live", "http://sockets/", "unix:/run/x|http://x/", inside):
        status, said = raw_get(gateway, target)
        assert status in (400, 403, 404, 421) or "<title>WebMACS</title>" in said, said
    for path in ("/live", "/ready", "/config", "/schema_cache"):
        assert "<title>WebMACS</title>" in raw_get(gateway, path)[1]
        assert raw_get(gateway, f"/api{path}")[0] == 401


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost.evil.example", "localhost:1", "localhost@x"])
def test_who_calls_us_by_another_name_is_refused(host: str, gateway: Gateway) -> None:
    said = gateway.say(f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()).decode()
    assert said.split(" ")[1] in ("400", "421"), said
    assert '"code":"wrong_host"' in said or " 400 " in said


CRLF = "\r\n"
SMUGGLED = "GET /auth/smuggled HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: smuggled\r\n\r\n"
CHUNKED = f"0{CRLF}{CRLF}{SMUGGLED}"
BODIES = {
    "CL and TE": ("Content-Length: {length}\r\nTransfer-Encoding: chunked", CHUNKED),
    "TE and CL": ("Transfer-Encoding: chunked\r\nContent-Length: 4", CHUNKED),
    "two TE": ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\nContent-Length: {length}", CHUNKED),
    "TE of another word": ("Transfer-Encoding: xchunked\r\nContent-Length: {length}", CHUNKED),
    "TE after a space": ("Transfer-Encoding : chunked\r\nContent-Length: {length}", CHUNKED),
    "TE after a tab": ("Transfer-Encoding:\tchunked\r\nContent-Length: {length}", CHUNKED),
    "TE in a folded line": ("Transfer-Encoding:\r\n chunked\r\nContent-Length: {length}", CHUNKED),
    "TE hidden in another": ("X: y\nTransfer-Encoding: chunked\r\nContent-Length: {length}", CHUNKED),
    "TE with a parameter": ('Transfer-Encoding: chunked;x="\r\nContent-Length: {length}', CHUNKED),
    "TE in capitals": ("TRANSFER-ENCODING: CHUNKED\r\nContent-Length: {length}", CHUNKED),
    "TE twice in one": ("Transfer-Encoding: identity, chunked\r\nContent-Length: {length}", CHUNKED),
    "two CL": ("Content-Length: 0\r\nContent-Length: {length}", SMUGGLED),
    "CL with two values": ("Content-Length: 0, {length}", SMUGGLED),
    "CL with a sign": ("Content-Length: +0", SMUGGLED),
    "negative CL": ("Content-Length: -1", SMUGGLED),
    "CL in hex": ("Content-Length: 0x0", SMUGGLED),
    "CL with a space": ("Content-Length : {length}", SMUGGLED),
    "a chunk with a sign": ("Transfer-Encoding: chunked", f"+0{CRLF}{CRLF}{SMUGGLED}"),
    "a chunk in line feeds": ("Transfer-Encoding: chunked", f"0\n\n{SMUGGLED}"),
    "a chunk that overflows": ("Transfer-Encoding: chunked", f"10000000000000000{CRLF}{CRLF}{SMUGGLED}"),
    "an extension of a chunk": ("Transfer-Encoding: chunked", f"0;x=\n{CRLF}{SMUGGLED}"),
}


@pytest.mark.parametrize("how", BODIES)
def test_no_request_is_smuggled_in_another(
    how: str, gateway: Gateway, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Either it is refused, or what follows is a request for the gateway too, and stands in its log."""
    caplog.set_level("DEBUG", "webmacs")
    headers, body = BODIES[how]
    for path in ("/auth/login", "/api/log_entries"):
        before = gateway.logs().count("/auth/smuggled")
        head = f"POST {path} HTTP/1.1\r\nHost: localhost:{gateway.port}\r\nContent-Type: application/json\r\n"
        said = gateway.say(f"{head}{headers.format(length=len(body))}\r\n\r\n{body}".encode("latin-1")).decode()
        assert said.split(" ")[1][0] in "45", said
        seen_by_gateway = gateway.logs().count("/auth/smuggled") - before
        seen_behind = sum("/auth/smuggled" in record.getMessage() for record in caplog.records)
        assert seen_behind <= seen_by_gateway, said
        caplog.clear()


def test_headers_that_only_a_gateway_may_write(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    """The address is the one that Apache sees, whatever the client says of itself."""
    caplog.set_level("INFO", "webmacs")
    claims = {"X-Forwarded-For": "192.0.2.7, 203.0.113.9", "Forwarded": "for=203.0.113.9", "X-Real-IP": "203.0.113.9"}
    gateway.client.get("/auth/me", headers=claims)
    line = _access(caplog, "/auth/me")
    assert line.startswith("127.0.0.1 GET /auth/me 401"), line


def test_the_address_before_further_gateways(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    """Who comes by the socket is Apache, which adds its peer at the end; 192.0.2.0/24 is trusted besides."""
    caplog.set_level("INFO", "webmacs")
    addresses = {
        "198.51.100.1, 203.0.113.9, 192.0.2.7": "203.0.113.9",
        "192.0.2.8,192.0.2.7": "192.0.2.8",
        "198.51.100.1, 127.0.0.1": "127.0.0.1",
        "198.51.100.1, nonsense": "-",
        "": "-",
    }
    with here.sidecar(gateway.config).client() as client:
        for number, (forwarded, address) in enumerate(addresses.items()):
            client.get(f"/auth/nothing-{number}", headers={"X-Forwarded-For": forwarded})
            assert _access(caplog, f"/auth/nothing-{number}").split()[0] == address, forwarded


def _logged(gateway: Gateway, name: str) -> bool:
    """Whether Apache's log has it, which is written after the answer."""
    deadline = time.monotonic() + 60
    while name not in gateway.logs() and time.monotonic() < deadline:
        time.sleep(0.02)
    return name in gateway.logs()


def _access(caplog: pytest.LogCaptureFixture, path: str) -> str:
    """The line of the sidecar's log about a request, which is written after the answer."""
    for _ in range(1200):
        for record in caplog.records:
            if record.name == "webmacs.access" and f" {path} " in record.getMessage():
                return record.getMessage()
        time.sleep(0.05)
    raise AssertionError(f"The log has no {path}.")


def test_the_address_stands_where_logins_are_noted(gateway: Gateway, database: Database) -> None:
    gateway.client.post("/auth/login", json={"username": "nobody", "password": "x" * 20})
    with closing(database.connect()) as superuser:
        row = superuser.execute("select host(address) from private.login_failures order by id desc limit 1").fetchone()
    assert row == ("127.0.0.1",)


def test_names_of_requests(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    """Ours in both logs; the client's, if it can do no harm there."""
    caplog.set_level("INFO", "webmacs")
    for path in ("/auth/me", "/api/me", "/", "/nothing.txt"):
        given = gateway.client.get(path, headers={"X-Request-ID": "shift-3.pump_7"})
        assert given.headers.get_list("X-Request-ID") == ["shift-3.pump_7"], path
        for bad in ("a b", "x" * 65, "<script>", 'x" 200 "'):
            made = gateway.client.get(path, headers={"X-Request-ID": bad}).headers["X-Request-ID"]
            assert made != bad
            assert _logged(gateway, made)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/" + "x" * 128, 404),
        ("/api/rpc/" + "x" * 200, 414),
        ("/api/events?" + "x" * 300 + "=1", 414),
        ("/api/events?id=in.(" + "1," * 3000 + "1)", 200),
        ("/api/events?id=in.(" + "1," * 5000 + "1)", 414),
        ("/" + "x" * 1100, 414),
        ("/auth/sso/callback?code=" + "x" * 4000, 303),
    ],
)
def test_the_length_of_addresses(path: str, status: int, gateway: Gateway) -> None:
    answer = gateway.client.get(path, headers=gateway.as_role("viewer"))
    assert answer.status_code == status, answer.text[:300]
    assert status != 414 or answer.json()["code"] == "address_too_long"


def test_too_many_headers_and_too_long_ones(gateway: Gateway) -> None:
    many = {f"X-{number}": "x" for number in range(100)}
    assert gateway.client.get("/health", headers=many).status_code == 400
    assert gateway.client.get("/health", headers={"X-Long": "x" * 9000}).status_code == 400
