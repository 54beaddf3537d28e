"""Which requests are made, with a line whose answers and clock the test turns."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webmacs_controller.plugins.modbus.faults import SILENCE, RequestError, refusal
from webmacs_controller.plugins.modbus.grouping import Request, plan
from webmacs_controller.plugins.modbus.poller import Poller
from webmacs_controller.sdk import PluginError, Quality, Sample

from tests.controller.modbus.making import config, table

WAIT = 2.0
"""Seconds that a request costs which is not answered."""


@dataclass
class Line:
    """Addresses, of a unit, that are ignored, and those that are refused."""

    now: float = 1000.0
    ignored: set[tuple[int, int]] = field(default_factory=set)
    refused: set[tuple[int, int]] = field(default_factory=set)
    asked: list[tuple[int, int]] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    async def ask(self, request: Request) -> Sequence[int]:
        """Registers hold their addresses."""
        addresses = range(request.start, request.start + request.count)
        places = {(request.unit_id, address) for address in addresses}
        self.asked.append((request.unit_id, request.start))
        if places & self.ignored:
            self.now += WAIT
            raise RequestError(SILENCE)
        if places & self.refused:
            raise RequestError(refusal(2))
        return addresses

    def waits(self) -> int:
        """How often an answer was waited for in vain, since last asked."""
        count = sum(place in self.ignored for place in self.asked)
        self.asked.clear()
        return count


def poller(line: Line, units: int = 1, requests: int = 1, length: int = 1) -> Poller:
    """For `requests` of `length` registers of each unit, none of them neighbours."""
    channels = [
        table(id=f"{unit}/{address}", unit_id=unit, address=address)
        for unit in range(1, units + 1)
        for start in range(0, 100 * requests, 100)
        for address in range(start, start + length)
    ]
    return Poller(plan(config(*channels)), line.ask, line.clock)


def good(samples: Sequence[Sample]) -> set[str]:
    return {sample.channel_id for sample in samples if sample.quality == Quality.GOOD}


def bad(samples: Sequence[Sample]) -> dict[str, int]:
    return {sample.channel_id: sample.quality for sample in samples if sample.quality != Quality.GOOD}


async def test_what_is_refused_is_bad_and_takes_nothing_from_its_neighbours() -> None:
    line = Line(refused={(1, 5), (1, 11)})
    reader = poller(line, length=16)
    samples = await reader.read()
    assert bad(samples) == {"1/5": Quality.CONFIGURATION, "1/11": Quality.CONFIGURATION}
    assert len(good(samples)) == 14
    assert reader.health() == (
        "unit 1, holding registers 5: illegal data address (exception 2); "
        "unit 1, holding registers 11: illegal data address (exception 2)"
    )


async def test_what_is_refused_is_asked_for_again_and_comes_back() -> None:
    line = Line(refused={(1, 0)})
    reader = poller(line, requests=2)
    assert good(await reader.read()) == {"1/100"}
    line.refused.clear()
    assert good(await reader.read()) == {"1/0", "1/100"}
    assert reader.health() == ""


async def test_a_device_that_refuses_everything_is_there() -> None:
    reader = poller(Line(refused={(1, 0)}))
    assert bad(await reader.read()) == {"1/0": Quality.CONFIGURATION}


async def test_a_device_that_answers_nothing_has_failed() -> None:
    line = Line(ignored={(1, 0), (1, 100)})
    with pytest.raises(PluginError, match="nothing is answered: unit 1, holding registers 0: no answer"):
        await poller(line, requests=2).read()
    assert line.waits() == 1


async def test_one_request_that_is_ignored_takes_nothing_from_the_others() -> None:
    line = Line()
    reader = poller(line, requests=3)
    await reader.read()
    line.ignored.add((1, 100))
    samples = await reader.read()
    assert good(samples) == {"1/0", "1/200"}
    assert bad(samples) == {"1/100": Quality.COMMUNICATION}


async def test_a_unit_that_falls_silent_costs_two_waits_and_then_ever_fewer() -> None:
    line = Line()
    reader = poller(line, units=2, requests=10)
    await reader.read()
    line.ignored |= {(1, address) for address in range(1000)}
    line.waits()
    assert len(good(await reader.read())) == 10
    assert line.waits() == 2
    waits = 0
    end = line.now + 600
    while line.now < end:
        line.now += 1.0
        assert len(good(await reader.read())) == 10
        waits += line.waits()
    assert 10 < waits < 20  # after 1, 2, 4 … seconds, in the end once a minute


async def test_a_unit_that_is_back_is_asked_for_all_at_once() -> None:
    line = Line()
    reader = poller(line, units=2, requests=4)
    await reader.read()
    line.ignored |= {(1, address) for address in range(400)}
    for _ in range(100):
        line.now += 1.0
        await reader.read()
    line.ignored.clear()
    line.now += 60.0
    assert len(good(await reader.read())) == 8


async def test_faults_are_told_but_not_hundreds() -> None:
    reader = poller(Line(refused={(1, address) for address in range(0, 900, 2)}), requests=9)
    await reader.read()
    assert reader.health().endswith("; and 6 more requests")
    assert reader.health().count("unit 1") == 3


EVERYTHING = plan(
    config(
        *(
            table(id=f"{unit}/{address}", unit_id=unit, address=address)
            for unit in range(1, 5)
            for address in range(0, 500, 100)
        )
    )
)


@settings(max_examples=50)
@given(
    ignored=st.sets(st.tuples(st.integers(1, 4), st.integers(0, 4).map(lambda number: 100 * number)), max_size=19),
    turn=st.integers(0, 19),
)
async def test_all_that_is_answered_has_values_in_the_end(ignored: set[tuple[int, int]], turn: int) -> None:
    line = Line(ignored=ignored)
    requests = EVERYTHING
    expected = {request.channels[0].id for request in requests if (request.unit_id, request.start) not in ignored}
    reader = Poller(requests[turn:] + requests[:turn], line.ask, line.clock)
    for _ in range(200):
        line.now += 1.0
        line.asked.clear()
        try:
            samples = await reader.read()
        except PluginError:  # the controller connects again, and the plugin begins with another request
            turn = (turn + 1) % len(requests)
            reader = Poller(requests[turn:] + requests[:turn], line.ask, line.clock)
            continue
        assert line.waits() <= 1
    assert good(samples) == expected
