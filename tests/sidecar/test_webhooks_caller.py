"""One call, to a real server that behaves and one that does not."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from standardwebhooks import Webhook

from tests.sidecar.webhooks import Names, calling, delivery
from tests.support.certificate import contexts
from tests.support.ports import free_port
from tests.support.receiver import MEGABYTE, Receiver, receiver, response
from tests.support.webhooks import SECRET
from webmacs import __version__
from webmacs.webhooks.answer import LONGEST_SECONDS
from webmacs.webhooks.caller import NO_URL, Caller
from webmacs.webhooks.delivery import Outcome

NAME = "receiver.test"


@pytest.fixture
async def target() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


@pytest.fixture
async def caller() -> AsyncIterator[Caller]:
    async with calling("loopback") as made:
        yield made


@pytest.fixture
async def hasty() -> AsyncIterator[Caller]:
    """One that waits for little."""
    async with calling("loopback", seconds=0.3) as made:
        yield made


async def test_what_is_sent(target: Receiver, caller: Caller) -> None:
    body = json.dumps({"type": "test", "data": "☃"}, ensure_ascii=False)
    assert await caller.call(delivery(target.url("/in?token=x"), body)) == Outcome(200, "fine")
    (request,) = target.requests
    assert (request.path, request.body.decode()) == ("/in?token=x", body)
    Webhook(SECRET).verify(request.body, request.headers)
    assert {name: request.headers[name] for name in ("host", "user-agent", "content-type", "accept-encoding")} == {
        "host": f"127.0.0.1:{target.port}",
        "user-agent": f"WebMACS/{__version__}",
        "content-type": "application/json",
        "accept-encoding": "identity",
    }


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("/204", Outcome(204, "")),
        ("/500", Outcome(500, "broken")),
        ("/410", Outcome(410, "")),
        ("/301", Outcome(301, "")),
        ("/307", Outcome(307, "")),
        ("/later", Outcome(503, "", retry_after=120)),
        ("/dated", Outcome(429, "", retry_after=0)),
        ("/never", Outcome(429, "", retry_after=LONGEST_SECONDS)),
        ("/whenever", Outcome(429, "")),
        ("/bomb", Outcome(200, "(gzip)")),
        ("/bytes", Outcome(200, "\ufffd\ufffd\ufffd text")),
        ("/long", Outcome(200, "y" * 1000)),
        ("/informed", Outcome(200, "at last")),
        ("/endless-body", Outcome(200, "x" * 1000)),
        ("/cut", Outcome(500, "half")),
        ("/closes", Outcome(error="The answer is not HTTP, or ended before its time.")),
        ("/garbage", Outcome(error="The answer is not HTTP, or ended before its time.")),
        ("/endless-headers", Outcome(error="The answer is not HTTP, or ended before its time.")),
    ],
)
async def test_answers(path: str, outcome: Outcome, target: Receiver, caller: Caller) -> None:
    assert await caller.call(delivery(target.url(path))) == outcome
    assert len(target.requests) == 1


@pytest.mark.parametrize("path", ["/held", "/drip-headers"])
async def test_an_answer_that_does_not_come(path: str, target: Receiver, hasty: Caller) -> None:
    assert await hasty.call(delivery(target.url(path))) == Outcome(error="There was no answer within 0.3 s.")


async def test_a_body_that_does_not_end_is_an_answer_all_the_same(target: Receiver) -> None:
    async with calling("loopback", seconds=3) as caller:
        outcome = await caller.call(delivery(target.url("/drip-body")))
    assert outcome.status == 200
    assert outcome.response
    assert not outcome.response.strip("x")


async def test_a_host_that_takes_no_connection(caller: Caller, hasty: Caller) -> None:
    refused = await caller.call(delivery(f"http://127.0.0.1:{free_port()}/"))
    assert refused.error == "The connection failed: Connection refused."
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:  # takes connections, and never a request
        silent = await hasty.call(delivery(f"http://127.0.0.1:{deaf.getsockname()[1]}/"))
    assert silent.error == "There was no answer within 0.3 s."


@pytest.mark.parametrize("host", ["nowhere.invalid", "a b", "xn--", "l" * 64 + ".test", "..", "%00"])
async def test_a_name_that_has_no_address(host: str, caller: Caller) -> None:
    outcome = await caller.call(delivery(f"http://{host}/"))
    assert str(outcome.error).startswith("The name of the host has no address:")


async def test_connections_are_kept_and_broken_ones_replaced(target: Receiver, caller: Caller) -> None:
    for path in ("/one", "/500", "/two"):
        await caller.call(delivery(target.url(path)))
    assert target.connections == 1
    for path in ("/endless-body", "/garbage", "/closes", "/fine"):
        await caller.call(delivery(target.url(path)))
    assert target.connections == 4


async def test_a_connection_that_was_closed_meanwhile_is_not_used_again(target: Receiver, caller: Caller) -> None:
    for path in ("/bye", "/bye", "/fine"):
        assert await caller.call(delivery(target.url(path))) == Outcome(200, "fine")
    assert target.connections == 3


async def test_connections_are_kept_for_their_own_host_alone(target: Receiver) -> None:
    async with calling("loopback", resolve=Names(["127.0.0.1"])) as caller:
        for host in ("a.test", "b.test", "a.test", "b.test"):
            await caller.call(delivery(target.url("/", host)))
    assert target.connections == 2
    assert [request.headers["host"][0] for request in target.requests] == ["a", "b", "a", "b"]


async def test_after_many_that_hang_others_are_called(target: Receiver, hasty: Caller) -> None:
    await asyncio.gather(*(hasty.call(delivery(target.url("/held"))) for _ in range(100)))
    while (outcome := await hasty.call(delivery(target.url("/fine")))).status is None:
        pass  # this machine is slow, and the caller hasty
    assert outcome == Outcome(200, "fine")


async def test_bombs_and_floods_take_no_memory(target: Receiver, caller: Caller) -> None:
    resident = psutil.Process().memory_info().rss
    await asyncio.gather(*(caller.call(delivery(target.url("/bomb"))) for _ in range(20)))
    assert psutil.Process().memory_info().rss - resident < 100 * MEGABYTE


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "//example.org/",
        "http://",
        "http:///path",
        "http://user:password@example.org/",
        "http://public.example@127.0.0.1/",
        "http://a:port/",
        "http://a:99999/",
        "http://a:0/",
        "http://[::1/",
        "http://0177.0.0.1/",
        "http://a/\r\nX-Evil: 1",
        "",
    ],
)
async def test_an_address_that_cannot_be_called(url: str, caller: Caller) -> None:
    assert await caller.call(delivery(url)) == Outcome(error=NO_URL)


@pytest.mark.parametrize("content_type", ["text/plain\r\nX-Evil: 1", "\0"])
async def test_a_content_type_that_is_none(content_type: str, target: Receiver, caller: Caller) -> None:
    outcome = await caller.call(delivery(target.url("/"), content_type=content_type))
    assert outcome.error == "The request cannot be written as HTTP; look at its content type."
    assert target.requests == []


async def test_the_environments_proxy_is_not_asked(
    target: Receiver, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert await caller.call(delivery(target.url("/fine"))) == Outcome(200, "fine")


async def test_tls_verifies_the_name_and_not_the_address(tmp_path: Path) -> None:
    server, client = contexts(NAME, tmp_path)
    names = Names(["127.0.0.1"])
    async with receiver(server) as target, calling("loopback", resolve=names, tls=client) as caller:
        assert await caller.call(delivery(target.url("/", NAME, "https"))) == Outcome(200, "fine")
        wrong = await caller.call(delivery(target.url("/", "other.test", "https")))
        assert str(wrong.error).startswith("The certificate is not accepted: Hostname mismatch")
        assert [request.headers["host"] for request in target.requests] == [f"{NAME}:{target.port}"]


async def test_tls_trusts_no_stranger(tmp_path: Path) -> None:
    server, _ = contexts(NAME, tmp_path)
    async with receiver(server) as stranger, calling("loopback", resolve=Names(["127.0.0.1"])) as caller:
        outcome = await caller.call(delivery(stranger.url("/", NAME, "https")))
    assert str(outcome.error).startswith("The certificate is not accepted: self-signed certificate")


async def test_a_server_without_tls(caller: Caller) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.write(response(400)), "127.0.0.1", 0)
    async with server:
        outcome = await caller.call(delivery(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
    assert str(outcome.error).startswith("TLS failed:")
