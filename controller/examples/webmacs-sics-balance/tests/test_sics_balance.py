"""The plugin on a simulated balance."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from balance import Balance
from webmacs_controller.sdk import PluginError, Quality, Sample
from webmacs_controller.sdk.conformance import PluginConformance
from webmacs_controller.sdk.conformance.lines import line_device
from webmacs_sics_balance import SicsBalance, SicsBalanceConfig


@asynccontextmanager
async def connected(balance: Balance) -> AsyncIterator[SicsBalance]:
    async with line_device(balance.answer) as port:
        plugin = SicsBalance(SicsBalanceConfig("127.0.0.1", port))
        await plugin.connect()
        yield plugin
        await plugin.disconnect()


def reading(balance: Balance) -> Sequence[Sample]:
    async def scenario() -> Sequence[Sample]:
        async with connected(balance) as plugin:
            return await plugin.read()

    return asyncio.run(scenario())


class TestRules(PluginConformance):
    """All that WebMACS asks of a plugin."""

    port = 8001

    @asynccontextmanager
    async def device(self) -> AsyncIterator[None]:
        """A fresh balance for each rule."""
        async with line_device(Balance().answer) as self.port:
            yield

    def make_plugin(self) -> SicsBalance:
        """As the controller would make it."""
        return SicsBalance(SicsBalanceConfig("127.0.0.1", self.port))


def test_the_weight_is_net() -> None:
    balance = Balance()
    balance.tare = 12.5
    assert reading(balance) == [Sample("weight", 37.5), Sample("stable", 1), Sample("tare", 12.5)]


@pytest.mark.parametrize(
    ("state", "samples"),
    [
        ("D", [Sample("weight", 50, Quality.UNCERTAIN), Sample("stable", 0), Sample("tare", 0)]),
        ("+", [Sample("weight", 220, Quality.OUT_OF_RANGE), Sample("stable", 0), Sample("tare", 0)]),
        ("-", [Sample("weight", -220, Quality.OUT_OF_RANGE), Sample("stable", 0), Sample("tare", 0)]),
        ("I", []),
    ],
)
def test_a_weight_that_is_not_stable_says_so(state: str, samples: list[Sample]) -> None:
    balance = Balance()
    balance.state = state
    assert reading(balance) == samples


def test_a_balance_that_shows_another_unit_is_not_believed() -> None:
    balance = Balance()
    balance.unit = "oz"
    assert [sample.quality for sample in reading(balance)] == [
        Quality.CONFIGURATION,
        Quality.GOOD,
        Quality.CONFIGURATION,
    ]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('I4 A "B021002593"', "the balance answers 'SI' with 'I4 A"),
        ("ES", "the balance refuses 'SI': it does not know the command"),
        ("EL", "the balance refuses 'SI': it cannot carry out"),
        ("S S  ---.-- g", "the balance gives no weight"),
    ],
)
def test_what_is_no_weight_is_a_failure(said: str, words: str) -> None:
    async def scenario() -> None:
        balance = Balance()
        async with connected(balance) as plugin:
            balance.unasked.append(said)
            with pytest.raises(PluginError, match=words):
                await plugin.read()

    asyncio.run(scenario())


@pytest.mark.parametrize(("state", "unit", "words"), [("I", "g", "it is busy"), ("S", "kg", "it does not take 3 g")])
def test_a_tare_that_is_refused_is_told(state: str, unit: str, words: str) -> None:
    async def scenario() -> None:
        balance = Balance()
        async with connected(balance) as plugin:
            balance.state, balance.unit = state, unit
            with pytest.raises(PluginError, match=f"the tare is not set: {words}"):
                await plugin.write("tare", 3)

    asyncio.run(scenario())


def test_a_balance_that_is_busy_tells_why_there_is_no_weight() -> None:
    async def scenario() -> None:
        balance = Balance()
        async with connected(balance) as plugin:
            balance.state = "I"
            await plugin.read()
            assert plugin.health() == "the balance is busy and gives no weight"
            balance.state = "S"
            await plugin.read()
            assert plugin.health() == ""

    asyncio.run(scenario())


def test_a_device_that_is_no_balance_is_refused() -> None:
    async def scenario() -> None:
        async with line_device(lambda line: "HTTP/1.1 400 Bad Request") as port:
            plugin = SicsBalance(SicsBalanceConfig("127.0.0.1", port))
            with pytest.raises(PluginError, match="the balance answers '@' with 'HTTP"):
                await plugin.connect()
            await plugin.disconnect()

    asyncio.run(scenario())
