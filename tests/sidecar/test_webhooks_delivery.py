"""From the outbox to a receiver and back, by a running sidecar."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from standardwebhooks import Webhook

from tests.support.people import People
from tests.support.ports import free_port
from tests.support.receiver import Receiver, receiver
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from tests.support.webhooks import OLD_SECRET, SECRET, Webhooks
from webmacs.config import Config


@pytest.fixture(scope="module")
def outbox(sql: Sql) -> Webhooks:
    return Webhooks(sql.superuser)


@pytest.fixture(autouse=True)
def emptied(outbox: Webhooks) -> Iterator[None]:
    yield
    outbox.remove_all()


@pytest.fixture
async def target() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


@asynccontextmanager
async def delivering(config: Config, *allowed: str, seconds: int = 10, concurrency: int = 64) -> AsyncIterator[str]:
    """A sidecar in its thread, while this one receives."""
    webhooks = replace(config.webhooks, allow_networks=list(allowed), timeout_seconds=seconds, concurrency=concurrency)
    server = replace(config.server, port=free_port())
    sidecar = running_sidecar(replace(config, webhooks=webhooks, server=server))
    url = await asyncio.to_thread(sidecar.__enter__)
    try:
        yield url
    finally:
        await asyncio.to_thread(sidecar.__exit__, None, None, None)


@pytest.fixture
async def sidecar(config: Config, people: People) -> AsyncIterator[str]:
    async with delivering(config, "loopback") as url:
        yield url


async def test_what_happens_arrives_and_the_answer_is_noted(sidecar: str, outbox: Webhooks, target: Receiver) -> None:
    webhook = outbox.add(target.url("/fine"))
    outbox.emit(20)
    rows = await asyncio.to_thread(outbox.until, webhook, "delivered")
    assert [(row.attempt, row.status, row.response, row.error) for row in rows] == [(1, 200, "fine", None)] * 20
    assert target.counts == {row.message_id: 1 for row in rows}
    bodies = [Webhook(SECRET).verify(request.body, request.headers) for request in target.requests]
    assert sorted(body["data"]["n"] for body in bodies) == list(range(1, 21))


async def test_a_test_delivery_shows_its_answer(sidecar: str, outbox: Webhooks, target: Receiver, sql: Sql) -> None:
    webhook = outbox.add(target.url("/204"))
    sql.as_role("admin").execute("select api.test_webhook(%s)", (webhook,))
    (row,) = await asyncio.to_thread(outbox.until, webhook, "delivered")
    assert (row.status, len(target.requests)) == (204, 1)


async def test_while_a_secret_is_rotated_both_verify(sidecar: str, outbox: Webhooks, target: Receiver) -> None:
    outbox.add(target.url("/"), previous_secret=OLD_SECRET, previous_secret_until="tomorrow")
    outbox.emit()
    await target.came(1)
    for secret in (SECRET, OLD_SECRET):
        Webhook(secret).verify(target.requests[0].body, target.requests[0].headers)


@pytest.mark.parametrize(
    ("path", "state", "status"),
    [("/500", "failed", 500), ("/301", "failed", 301), ("/closes", "failed", None), ("/410", "dead", 410)],
)
async def test_failures_are_noted(
    path: str, state: str, status: int | None, sidecar: str, outbox: Webhooks, target: Receiver
) -> None:
    webhook = outbox.add(target.url(path))
    outbox.emit()
    (row,) = await asyncio.to_thread(outbox.until, webhook, "failed", "dead")
    assert (row.state, row.status, row.attempt) == (state, status, 1)
    assert len(target.requests) == 1


async def test_retry_after_is_honoured(sidecar: str, outbox: Webhooks, target: Receiver) -> None:
    webhook = outbox.add(target.url("/later"))
    outbox.emit()
    (row,) = await asyncio.to_thread(outbox.until, webhook, "failed")
    assert row.due_in
    assert 100 < row.due_in <= 120


async def test_what_is_due_later_is_sent_then(sidecar: str, outbox: Webhooks, target: Receiver) -> None:
    outbox.queue_for_later(outbox.add(target.url("/")), 0.3)
    await target.came(1)


async def test_an_address_inside_is_refused_once_and_not_called(
    config: Config, people: People, outbox: Webhooks, target: Receiver
) -> None:
    webhook = outbox.add(target.url("/?token=geheim", "localhost"))
    async with delivering(config):
        outbox.emit()
        (row,) = await asyncio.to_thread(outbox.until, webhook, "failed")
    assert (row.attempt, row.status, target.connections) == (1, None, 0)
    assert "[webhooks] allow_networks" in str(row.error)
    assert "geheim" not in str(row.error)


async def test_a_slow_target_delays_nobody_else(sidecar: str, outbox: Webhooks, target: Receiver) -> None:
    slow, quick = outbox.add(target.url("/held")), outbox.add(target.url("/quick"))
    outbox.emit(100)
    await asyncio.to_thread(outbox.until, quick, "delivered")
    assert {row.state for row in outbox.rows(slow)} == {"queued", "sending"}
    target.freed.set()
    await asyncio.to_thread(outbox.until, slow, "delivered")


async def test_no_more_at_once_than_the_settings_say(
    config: Config, people: People, outbox: Webhooks, target: Receiver
) -> None:
    webhooks = [outbox.add(target.url("/")) for _ in range(5)]
    outbox.emit(20)
    async with delivering(config, "loopback", concurrency=3):
        for webhook in webhooks:
            await asyncio.to_thread(outbox.until, webhook, "delivered")
    assert target.most_at_once <= 3
    assert set(target.counts.values()) == {1}


async def test_what_is_under_way_at_the_end_is_noted(
    config: Config, people: People, outbox: Webhooks, target: Receiver
) -> None:
    webhook = outbox.add(target.url("/held"))
    async with delivering(config, "loopback"):
        outbox.emit()
        await target.came(1)
        asyncio.get_running_loop().call_later(0.2, target.freed.set)
    assert [(row.state, row.attempt) for row in outbox.rows(webhook)] == [("delivered", 1)]


async def test_nothing_secret_is_logged(
    config: Config, people: People, outbox: Webhooks, target: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "webmacs")
    good, bad = outbox.add(target.url("/fine?token=geheim")), outbox.add(target.url("/500/geheim"))
    async with delivering(config, "loopback"):
        outbox.emit()
        await asyncio.to_thread(outbox.until, good, "delivered")
        await asyncio.to_thread(outbox.until, bad, "delivered", "failed")
    assert "to http://127.0.0.1: 200" in caplog.text
    assert "geheim" not in caplog.text
    assert SECRET not in caplog.text
