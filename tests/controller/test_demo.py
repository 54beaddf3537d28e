"""The demo mode: any plugin's channels without its device."""

import asyncio
import statistics
from collections.abc import Sequence
from itertools import pairwise

import pytest
from webmacs_controller.sdk import ON_OFF, Channel, PluginError, Quality, Sample, Shape, Simulation
from webmacs_controller.sdk.demo import Demo, in_demo_mode
from webmacs_controller.sdk.simulation import Curve, within

from tests.controller.devices import LEVEL, Tank


class Wide(Tank):
    """One channel of each shape, one that would leave its range."""

    def channels(self) -> Sequence[Channel]:
        return [
            LEVEL,
            Channel("door", "Door", "on/off", 0, 1, simulation=ON_OFF),
            Channel("flood", "Flood", "m", 0, 1, simulation=Simulation(1, 5, noise=1)),
        ]


def values(samples: Sequence[Sample]) -> dict[str, float]:
    assert {sample.quality for sample in samples} == {Quality.SIMULATED}
    return {sample.channel_id: sample.value for sample in samples}


async def test_it_reads_every_channel_within_its_range_and_calls_no_device() -> None:
    tank = Wide()
    demo = in_demo_mode(tank, "seed")
    await demo.connect()
    readings = [values(await demo.read()) for _ in range(50)]
    await demo.disconnect()
    assert tank.calls == []
    for reading in readings:
        assert reading.keys() == {"level", "door", "flood"}
        assert 0 <= reading["level"] <= 10
        assert reading["door"] in (0, 1)
        assert 0 <= reading["flood"] <= 1


async def test_an_output_begins_safe_and_keeps_what_is_written() -> None:
    demo = Demo(Tank(), "seed")
    await demo.connect()
    assert values(await demo.read())["pump"] == 5
    await demo.write("pump", 42)
    assert values(await demo.read())["pump"] == 42
    with pytest.raises(PluginError, match="Tank has no output 'level'"):
        await demo.write("level", 1)
    await demo.connect()
    assert values(await demo.read())["pump"] == 5


async def test_what_is_a_simulation_itself_stays_what_it_is() -> None:
    demo = Demo(Tank(), "seed")
    assert in_demo_mode(demo, "seed") is demo
    assert demo.meta.demo
    assert demo.meta.id == "tank"
    await asyncio.sleep(0)


def curve(seed: str, simulation: Simulation | None = None, step: float = 1.0) -> list[float]:
    made = Curve(simulation or within(0, 100), seed)
    return [made.at(number * step) for number in range(600)]


def test_the_same_seed_gives_the_same_curve_and_another_another() -> None:
    assert curve("a") == curve("a")
    assert curve("a") != curve("b")


def test_it_does_not_depend_on_how_often_it_is_read() -> None:
    quiet = Simulation(50, 20)
    assert curve("a", quiet, 0.5)[::2] == pytest.approx(curve("a", quiet)[:300])


def test_by_default_it_moves_as_a_slow_quantity_does() -> None:
    signal = curve("a")
    steps = [abs(after - before) for before, after in pairwise(signal)]
    assert min(signal) > 25
    assert max(signal) < 75
    assert max(signal) - min(signal) > 15  # it lives
    assert max(steps) < 4  # it does not jump
    assert 0.05 < statistics.median(steps) < 1  # and trembles


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Shape.WAVE, lambda signal: max(signal) > 69.9 and min(signal) < 30.1),
        (Shape.RAMP, lambda signal: sum(after < before for before, after in pairwise(signal)) == 2),
        (Shape.STEP, lambda signal: set(signal) == {30, 70}),
        (Shape.STEADY, lambda signal: set(signal) == {50}),
    ],
)
def test_a_shape_is_what_it_says(shape: Shape, expected: object) -> None:
    assert callable(expected)
    assert expected(curve("a", Simulation(50, 20, 300, shape=shape)))


def test_a_simulation_without_a_period_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="above 0 s, not 0"):
        Simulation(1, period=0)
