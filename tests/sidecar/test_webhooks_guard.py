"""No forged requests: whatever a URL says, the connection goes to an address that may be called."""

import pytest

from tests.sidecar.webhooks import Names, calling, delivery
from tests.support.receiver import receiver
from webmacs.webhooks.delivery import Outcome

METADATA = "169.254.169.254"
# All of them lead to this machine, where a receiver listens.
HOSTS = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "017700000001",
    "0177.0.0.01",
    "0",
    "0.0.0.0",  # noqa: S104
    "localhost",
    "localhost.",
    "LOCALHOST",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[::127.0.0.1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "127.0.0.1.",
    "\uff11\uff12\uff17.0.0.1",  # digits of another width
    "127\u30020\u30020\u30021",  # full stops of another script
)


@pytest.mark.parametrize("host", HOSTS)
async def test_no_way_of_writing_an_address_leads_inside(host: str) -> None:
    async with receiver() as target, calling() as caller:
        outcome = await caller.call(delivery(target.url("/", host)))
        assert (outcome.status, target.connections) == (None, 0)
        assert outcome.error


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "localhost"])
async def test_the_refusal_says_what_the_operator_can_do(host: str) -> None:
    async with calling() as caller:
        outcome = await caller.call(delivery(f"http://{host}/?token=geheim"))
    assert "127.0.0.1" in str(outcome.error)
    assert "[webhooks] allow_networks" in str(outcome.error)
    assert "geheim" not in str(outcome.error)


async def test_a_name_is_looked_up_once_for_a_connection() -> None:
    names = Names(["127.0.0.1"], [METADATA])
    async with receiver() as target, calling("loopback", resolve=names) as caller:
        assert await caller.call(delivery(target.url("/", "rebinding.test"))) == Outcome(200, "fine")
        assert names.asked == ["rebinding.test"]
        assert target.requests[0].headers["host"] == f"rebinding.test:{target.port}"


async def test_a_name_that_leads_elsewhere_later_is_checked_again() -> None:
    names = Names(["127.0.0.1"], [METADATA])
    async with receiver() as target, calling("loopback", resolve=names) as caller:
        await caller.call(delivery(target.url("/closes", "rebinding.test")))
        outcome = await caller.call(delivery(target.url("/", "rebinding.test")))
    assert METADATA in str(outcome.error)


async def test_of_several_addresses_only_those_allowed_are_called() -> None:
    names = Names([METADATA, "10.0.0.1", "127.0.0.1"])
    async with receiver() as target, calling("loopback", resolve=names) as caller:
        assert await caller.call(delivery(target.url("/", "several.test"))) == Outcome(200, "fine")


async def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    names = Names(["127.0.0.2", "127.0.0.1"])
    async with receiver() as target, calling("loopback", resolve=names) as caller:
        assert await caller.call(delivery(target.url("/", "several.test"))) == Outcome(200, "fine")


async def test_a_redirect_is_not_followed() -> None:
    async with receiver() as target, calling("loopback") as caller:
        for path in ("/301", "/307"):
            assert (await caller.call(delivery(target.url(path)))).status in (301, 307)
        assert [request.path for request in target.requests] == ["/301", "/307"]
