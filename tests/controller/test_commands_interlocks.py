"""Interlocks are checked again where the value is measured: stale, bad, missing or wrong blocks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.commands.interlocks import blocking, holds
from webmacs_controller.configuration.settings import Interlock
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.sdk import Sample

from tests.controller.commanding import NOBODYS, PUMP, Gate, commanded, tank
from tests.controller.devices import Tank
from tests.controller.peer import Peer

pytestmark = pytest.mark.usefixtures("no_long_flush")

SOURCE = ("T", "level")


def lock(operator: Any, threshold: float, high: float | None = None, max_age: float = 10) -> Interlock:
    return Interlock(*SOURCE, operator, threshold, max_age, high)


@pytest.mark.parametrize(
    ("interlock", "holding", "blocked"),
    [
        (lock("gt", 1), [1.01, 5], [1, 0]),
        (lock("gte", 1), [1, 5], [0.99]),
        (lock("lt", 1), [0.99], [1, 2]),
        (lock("lte", 1), [1, 0], [1.01]),
        (lock("eq", 1), [1, 1 + 1e-10], [1 + 1e-8, 0]),
        (lock("between", 1, 3), [1, 2, 3], [0.99, 3.01]),
        (lock("not_between", 1, 3), [0.99, 3.01], [1, 2, 3]),
        (lock("between", 1), [], [1, 2]),
        (lock("not_between", 1), [], [0, 2]),
    ],
    ids=str,
)
def test_conditions(interlock: Interlock, holding: Sequence[float], blocked: Sequence[float]) -> None:
    assert all(holds(interlock, value) for value in holding)
    assert not any(holds(interlock, value) for value in blocked)


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, finite, finite)
def test_each_condition_has_its_opposite(value: float, low: float, high: float) -> None:
    assert holds(lock("gt", low), value) != holds(lock("lte", low), value)
    assert holds(lock("gte", low), value) != holds(lock("lt", low), value)
    assert holds(lock("between", low, high), value) != holds(lock("not_between", low, high), value)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def measured(newest: Newest, value: float, quality: int = 192) -> None:
    newest.put([Point(SOURCE, value, datetime.now(UTC), quality)])


@pytest.mark.parametrize(
    ("quality", "later", "reason"),
    [
        (192, 10, None),
        (255, 0, None),
        (192, 10.01, "interlock: T/level has no value of the last 10 s"),
        (64, 0, "interlock: the value of T/level is not good (uncertain)"),
        (0, 0, "interlock: the value of T/level is not good (bad)"),
    ],
)
def test_only_a_fresh_and_good_value_counts(quality: int, later: float, reason: str | None) -> None:
    clock = Clock()
    newest = Newest(clock)
    measured(newest, 2, quality)
    clock.now += later
    assert blocking([(SOURCE, lock("gt", 1))], newest, simulated=False) == reason


@pytest.mark.parametrize(("quality", "simulated", "lets"), [(96, True, True), (96, False, False), (64, True, False)])
def test_a_simulated_value_lets_move_only_what_is_simulated(quality: int, simulated: bool, lets: bool) -> None:
    newest = Newest(Clock())
    measured(newest, 2, quality)
    assert (blocking([(SOURCE, lock("gt", 1))], newest, simulated=simulated) is None) == lets


def test_the_newest_value_counts() -> None:
    newest = Newest(Clock())
    interlocks = [(SOURCE, lock("lt", 5)), (SOURCE, lock("between", 1, 3))]
    assert blocking(interlocks, newest, simulated=False) == "interlock: T/level has no value of the last 10 s"
    measured(newest, 2)
    assert blocking(interlocks, newest, simulated=False) is None
    measured(newest, 4)
    assert blocking(interlocks, newest, simulated=False) == "interlock: T/level is 4, it must be between 1 and 3"
    measured(newest, 6)
    assert blocking(interlocks, newest, simulated=False) == "interlock: T/level is 6, it must be lt 5"


def wire(threshold: float, max_age: float = 60, channel: str | None = "level") -> dict[str, Any]:
    limits = {"operator": "lt", "threshold": threshold, "threshold_high": None, "max_age": max_age}
    return {"instance": channel and "T", "channel": channel, **limits}


async def test_a_command_moves_nothing_while_an_interlock_blocks(peer: Peer, journal: Path) -> None:
    gate = Gate([3.0])
    gate.open.set()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1, interlocks=[wire(3)])
        assert (await connection.result())["error"] == "interlock: T/level is 3, it must be lt 3"
        await connection.command("2", PUMP, 2, interlocks=[wire(4, max_age=0)])
        assert (await connection.result())["error"] == "interlock: T/level has no value of the last 0 s"
        assert gate.writes == []
        await connection.command("3", PUMP, 3, interlocks=[wire(4), wire(-1, channel=None)])
        assert (await connection.result())["state"] == "done"


async def test_an_interlock_is_judged_when_it_is_the_commands_turn(peer: Peer, journal: Path) -> None:
    """The command waits while another is carried out, whose effect closes the interlock."""

    class Overflowing(Gate):
        async def read(self) -> Sequence[Sample]:
            return [Sample("level", self.pump / 10), Sample("pump", self.pump)]

    gate = Overflowing()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 90, interlocks=[wire(8)])
        await gate.writing.wait()
        await connection.command("2", PUMP, 95, interlocks=[wire(8)])
        await connection.command("3", NOBODYS, 0)
        await connection.result()
        gate.open.set()
        assert (await connection.result())["state"] == "done"
        assert (await connection.result())["error"] == "interlock: T/level is 9, it must be lt 8"
        assert gate.writes == ["pump 90"]


async def test_what_the_controller_does_not_measure_is_the_servers_to_judge(peer: Peer, journal: Path) -> None:
    async with commanded(peer, journal, tank(Tank())) as connection:
        await connection.command("1", PUMP, 1, interlocks=[wire(0, 0, None)])
        assert (await connection.result())["state"] == "done"
