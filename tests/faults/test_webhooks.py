"""Whatever is killed in the middle of deliveries: each is made, and normally once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from tests.faults.installation import Installation, Sidecar
from tests.support.receiver import Receiver, receiver
from tests.support.webhooks import Webhooks

WEBHOOKS = 3
DELIVERIES = 100  # for each of them
WHEN = 100


@pytest.fixture
async def target() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


@pytest.fixture
def outbox(installation: Installation) -> Iterator[Webhooks]:
    with installation.database.connect() as connection:
        outbox = Webhooks(connection)
        yield outbox
        outbox.remove_all()


def _kill_sidecar(installation: Installation) -> None:
    installation.sidecar.kill()
    installation.sidecar.launch()


FAULTS: dict[str, Callable[[Installation], None]] = {
    "kill -9 of the sidecar": _kill_sidecar,
    "kill -9 of PostgreSQL": Installation.kill_postgres,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_delivery_arrives(fault: str, installation: Installation, target: Receiver) -> None:
    """The receiver holds back answers, so that deliveries are under way when it happens."""
    with installation.database.connect() as connection:
        outbox = Webhooks(connection)
        webhooks = [outbox.add(target.url(f"/{number}")) for number in range(WEBHOOKS)]
        target.holds_after = WHEN
        outbox.emit(DELIVERIES)
    await target.came(WHEN + 1)
    happening = asyncio.create_task(asyncio.to_thread(FAULTS[fault], installation))
    target.let_go()
    await happening
    await target.came(WEBHOOKS * DELIVERIES)
    with installation.database.connect() as connection:
        outbox = Webhooks(connection)
        for webhook in webhooks:
            rows = await asyncio.to_thread(outbox.until, webhook, "delivered")
            assert {row.message_id for row in rows} <= set(target.counts)
        outbox.remove_all()


async def test_two_sidecars_deliver_nothing_twice(
    installation: Installation, second_sidecar: Sidecar, target: Receiver, outbox: Webhooks
) -> None:
    webhooks = [outbox.add(target.url(f"/{number}")) for number in range(WEBHOOKS)]
    target.holds_after = 0
    outbox.emit(DELIVERIES)
    await target.came(16)  # more than one of them has at once
    target.let_go()
    for webhook in webhooks:
        await asyncio.to_thread(outbox.until, webhook, "delivered")
    assert len(target.counts) == WEBHOOKS * DELIVERIES
    assert set(target.counts.values()) == {1}
