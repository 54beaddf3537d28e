"""Requests that are not what was signed, come again, or come from elsewhere."""

import json
import logging
import secrets
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psutil
import pytest

from tests.services.program import KEYS, Call, Program
from tests.support.plain import PLAIN
from tests.support.sql import Sql
from webmacs.config import Config
from webmacs.services.refusals import IN_A_MINUTE

ALTERED: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"method": "GET"}, {"method": "POST"}),
    ({"method": "post"}, {"method": "POST"}),
    ({"path": "/auth/login"}, {"path": "/auth/service"}),
    ({"path": "/auth/service"}, {"path": "/auth%2Fservice"}),
    ({"path": "/auth/service"}, {"path": "/auth/servic%65"}),
    ({}, {"query": "a=1"}),
    ({"query": "a=1"}, {"query": ""}),
    ({"query": "a=1&a=2"}, {"query": "a=2&a=1"}),
    ({"query": "a=1&a=2"}, {"query": "a=1"}),
    ({"query": "a=b"}, {"query": "a=%62"}),
    ({"query": "a=%c3%bc"}, {"query": "a=%C3%BC"}),
    ({}, {"body": b"{} "}),
    ({}, {"body": b""}),
    ({"body": b"{}"}, {"body": b'{"read_only": true}'}),
    ({}, {"nonce": "another-nonce-another-nonce"}),
    ({}, {"service": "reader"}),
    ({}, {"order": ("@path", "@method", "@query", "content-digest")}),
]


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(("signed", "sent"), ALTERED)
def test_whatever_is_altered_breaks_the_signature(
    historian: Program, signed: dict[str, Any], sent: dict[str, Any]
) -> None:
    original = Call(**signed)
    altered = original.but(**sent)
    headers = altered.headers() | {"Signature": original.headers()["Signature"]}
    assert code(historian.send(altered, headers)) == (401, "wrong_signature")
    assert historian.send(altered).status_code == 200, "the same, rightly signed"


def test_another_time_breaks_the_signature(historian: Program) -> None:
    original = Call()
    altered = original.but(created=original.created + 1)
    headers = altered.headers() | {"Signature": original.headers()["Signature"]}
    assert code(historian.send(altered, headers)) == (401, "wrong_signature")


def test_the_digest_must_be_that_of_the_body(historian: Program) -> None:
    call = Call()
    assert code(historian.send(call.but(body=b"{ }"), call.headers())) == (400, "malformed_signature")


def test_another_order_counts_too(historian: Program) -> None:
    assert historian.ask(order=("content-digest", "@query", "@path", "@method")).status_code == 200


def test_an_unknown_service_is_answered_like_a_wrong_signature(historian: Program) -> None:
    unknown = historian.send(Call(service="unknown"))
    call = Call()
    wrong = historian.send(call, call.headers(KEYS["reader"]))
    assert code(unknown) == code(wrong) == (401, "wrong_signature")
    assert unknown.json() == wrong.json()
    assert [name for name in unknown.headers if name not in ("date", "x-request-id")] == [
        name for name in wrong.headers if name not in ("date", "x-request-id")
    ]


def test_a_replay_is_refused_by_every_sidecar(historian: Program, other_sidecar: Config) -> None:
    call = Call()
    assert historian.send(call).status_code == 200
    assert code(historian.send(call)) == (401, "replayed")
    with Program.at_socket(other_sidecar.server.local_socket) as elsewhere:
        assert code(elsewhere.send(call)) == (401, "replayed")
        assert code(elsewhere.send(call.but(body=b""))) == (401, "replayed"), "signed anew, with the same nonce"


def test_of_many_at_once_one_counts(historian: Program, other_sidecar: Config) -> None:
    call = Call()
    with Program.at_socket(other_sidecar.server.local_socket) as elsewhere, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda program: program.send(call), [historian, elsewhere] * 10))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 19]


def test_another_service_may_have_the_same_nonce(historian: Program) -> None:
    call = Call()
    assert historian.send(call).status_code == 200
    assert historian.send(call.but(service="reader")).status_code == 200


def test_a_nonce_is_used_up_by_a_refusal_too(sidecar: Config) -> None:
    with Program.at_socket(sidecar.server.local_socket) as program:
        call = Call(service="orphan")
        assert code(program.send(call)) == (403, "no_active_user")
        assert code(program.send(call)) == (401, "replayed")


@pytest.mark.parametrize("away", [-3600, -90, 90, 3600, 10**10])
def test_a_time_far_from_the_servers_is_refused_and_told(historian: Program, sql: Sql, away: int) -> None:
    before = int(time.time())
    answer = historian.ask(created=before + away)
    assert code(answer) == (401, "outside_time_window")
    told = int(answer.json()["details"].split(" is ")[1].split(",")[0])
    assert before <= told <= int(time.time()) + 1
    assert historian.ask(created=told).status_code == 200


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in Call().headers().items() if key != name}


def replaced(name: str, old: str, new: str) -> dict[str, str]:
    headers = Call(nonce="0123456789abcdef").headers()
    assert old in headers[name]
    return headers | {name: headers[name].replace(old, new)}


MALFORMED = [
    {},
    without("Signature"),
    without("Signature-Input"),
    without("Content-Digest"),
    {**without("Signature"), "Signature": ""},
    {**without("Signature-Input"), "Signature-Input": "sig=()"},
    {**without("Content-Digest"), "Content-Digest": "sha-512=:AAAA:"},
    replaced("Signature-Input", "0123456789abcdef", "short"),
    replaced("Signature-Input", "0123456789abcdef", "n" * 65),
    replaced("Signature-Input", "0123456789abcdef", "n" * 60_000),
    replaced("Signature-Input", "0123456789abcdef", "0123456789 abcdef"),
    replaced("Signature-Input", "0123456789abcdef", '0123456789\\"abcdef'),
    replaced("Signature-Input", "historian", "Historian"),
    replaced("Signature-Input", "historian", "h" * 41),
    replaced("Signature-Input", "hmac-sha256", "none"),
    replaced("Signature-Input", ';alg="hmac-sha256"', ""),
    replaced("Signature-Input", ';alg="hmac-sha256"', ';alg="hmac-sha256";alg="hmac-sha256"'),
    replaced("Signature-Input", ';alg="hmac-sha256"', ';alg="hmac-sha256";expires=1'),
    replaced("Signature-Input", "created=", "created=-"),
    replaced("Signature-Input", "created=", "created=9999999999"),
    replaced("Signature-Input", '"@path" ', ""),
    replaced("Signature-Input", '"@path"', '"@path" "@path"'),
    replaced("Signature-Input", '"@path"', '"@path" "date"'),
    replaced("Signature-Input", '"@path"', '"@path";req'),
    replaced("Signature-Input", "sig=", "other="),
    replaced("Signature", "sig=:", "sig=:AAAA"),
    replaced("Signature", "=:", "=:!"),
]


@pytest.mark.parametrize("headers", MALFORMED, ids=range(len(MALFORMED)))
def test_headers_that_cannot_be_are_named(historian: Program, headers: dict[str, str]) -> None:
    answer = historian.send(Call(), headers)
    assert code(answer) == (400, "malformed_signature")
    assert any(word in answer.json()["message"] for word in ("Signature", "Content-Digest", "Signature-Input"))


@pytest.mark.parametrize("name", ["Signature", "Signature-Input", "Content-Digest"])
def test_a_header_twice_is_refused(historian: Program, name: str) -> None:
    headers = Call().headers()
    assert code(historian.send(Call(), [*headers.items(), (name, headers[name])])) == (400, "malformed_signature")


@pytest.mark.parametrize("name", ["Signature", "Signature-Input", "Content-Digest"])
def test_what_is_not_ascii_is_refused(historian: Program, name: str) -> None:
    headers: list[tuple[Any, Any]] = [*without(name).items(), (name.encode(), "sig=(ü…)".encode())]
    assert code(historian.send(Call(), headers)) == (400, "malformed_signature")


def test_a_raw_query_that_is_not_ascii_is_an_answer_not_a_crash(sidecar: Config) -> None:
    call = Call()
    lines = [f"{name}: {value}" for name, value in call.headers().items()]
    head = "\r\n".join(["POST /auth/service?a=ü HTTP/1.1", "Host: x", "Content-Length: 2", *lines, "", "{}"])
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(sidecar.server.local_socket))
        client.sendall(head.encode())
        assert client.recv(100).split()[1] in (b"400", b"401")


FORGED: list[dict[str, str]] = [
    {},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"},
    {"Host": "localhost"},
    {"X-Forwarded-For": "unix:"},
]


def addresses() -> list[str]:
    """Of this machine: the loopback, and by which others reach it."""
    found = [one.address for many in psutil.net_if_addrs().values() for one in many if one.family == socket.AF_INET]
    return sorted({"127.0.0.1", *found})


@pytest.mark.parametrize("address", addresses())
@pytest.mark.parametrize("headers", FORGED, ids=str)
def test_whoever_comes_by_tcp_is_not_local(
    sidecar: Config, caplog: pytest.LogCaptureFixture, address: str, headers: dict[str, str]
) -> None:
    call = Call()
    with httpx.Client(base_url=f"http://{address}:{sidecar.server.port}", **PLAIN) as client:
        answer = Program(client, "historian").send(call, call.headers() | headers)
    assert code(answer) == (403, "not_local")
    with Program.at_socket(sidecar.server.local_socket) as local:
        assert local.send(call, call.headers() | headers).status_code == 200, "the nonce was not used up"


def test_failures_are_logged_up_to_a_number_and_hold_up_nobody_who_signs_rightly(
    historian: Program, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "webmacs.services"):
        answers = [historian.send(Call(service="unknown")) for _ in range(IN_A_MINUTE + 10)]
        assert historian.ask().status_code == 200
    codes = [answer.status_code for answer in answers]
    assert codes[:IN_A_MINUTE] == [401] * IN_A_MINUTE
    assert codes[-1] == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert caplog.text.count("no token for service unknown: wrong_signature") == codes.count(401)


def test_no_answer_and_no_line_holds_a_key(historian: Program, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answers = [historian.ask(), historian.ask(created=1), historian.send(Call(service="unknown"))]
    said = caplog.text + json.dumps([answer.text for answer in answers])
    assert not any(key in said for key in KEYS.values())


def test_a_large_body_is_refused(historian: Program) -> None:
    assert historian.ask(body=secrets.token_bytes(1024 * 1024 + 1)).status_code == 413
