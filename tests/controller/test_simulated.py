"""The simulated plant obeys its physics, whatever anybody does to it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webmacs_controller.plugins.simulated import program
from webmacs_controller.plugins.simulated.channels import INSTRUMENTS
from webmacs_controller.plugins.simulated.plugin import SimulatedConfig, SimulatedPlugin
from webmacs_controller.plugins.simulated.process import AMBIENT, Process, follow, pressure_drop
from webmacs_controller.sdk import Direction, PluginError

percent = st.floats(0, 100)
actions = st.lists(st.tuples(percent, percent, st.floats(0, 600)), max_size=20)


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def settled(heater: float, valve: float) -> Process:
    process = Process()
    process.heater, process.valve = heater, valve
    process.advance(1800)
    return process


def manual(noise: float = 0.0, seed: int = 1) -> tuple[SimulatedPlugin, Clock]:
    clock = Clock()
    return SimulatedPlugin(SimulatedConfig(program=False, noise=noise, seed=seed), clock), clock


async def values(plugin: SimulatedPlugin) -> dict[str, float]:
    return {sample.channel_id: sample.value for sample in await plugin.read()}


@given(st.floats(-500, 500), st.floats(-500, 500), st.floats(0, 1e4), st.floats(0.1, 1e3))
def test_following_a_target_never_overshoots(value: float, target: float, seconds: float, constant: float) -> None:
    after = follow(value, target, seconds, constant)
    assert min(value, target) - 1e-9 <= after <= max(value, target) + 1e-9


@settings(max_examples=15)
@given(actions)
def test_every_quantity_stays_in_the_range_of_its_channel(actions: list[tuple[float, float, float]]) -> None:
    process = Process()
    for process.heater, process.valve, seconds in actions:
        process.advance(seconds)
        for instrument in INSTRUMENTS:
            assert instrument.channel.allows(instrument.value(process)), instrument.channel.id
        assert min(process.reactor, process.inlet, process.outlet) >= AMBIENT - 1e-9


@settings(max_examples=15)
@given(percent, percent, st.integers(1, 40))
def test_the_way_does_not_depend_on_how_often_it_is_looked_at(heater: float, valve: float, cuts: int) -> None:
    once, often = Process(), Process()
    for process in (once, often):
        process.heater, process.valve = heater, valve
    once.advance(60)
    for _ in range(cuts):
        often.advance(60 / cuts)
    assert often.reactor == pytest.approx(once.reactor, rel=0.02)
    assert often.flow == pytest.approx(once.flow, rel=0.02)


@settings(max_examples=10)
@given(st.floats(0, 95), st.floats(5, 100), percent)
def test_more_heat_makes_it_warmer(heater: float, more: float, valve: float) -> None:
    assert settled(min(heater + more, 100), valve).reactor > settled(heater, valve).reactor


@settings(max_examples=10)
@given(st.floats(10, 100), st.floats(0, 90))
def test_more_air_cools_the_bed_and_raises_flow_and_pressure(heater: float, valve: float) -> None:
    less, more = settled(heater, valve), settled(heater, valve + 10)
    assert more.reactor < less.reactor
    assert more.flow > less.flow
    assert more.pressure > less.pressure


def test_a_warm_exhaust_is_drier() -> None:
    assert settled(80, 50).humidity < settled(0, 50).humidity


def test_the_bed_warms_with_its_time_constant() -> None:
    process = settled(0, 50)
    process.heater = 100
    end = settled(100, 50).reactor
    process.advance(100)
    assert 0.5 < (process.reactor - AMBIENT) / (end - AMBIENT) < 0.8


def test_the_pressure_drop_shows_where_the_bed_begins_to_float() -> None:
    assert pressure_drop(20) == pytest.approx(pressure_drop(40) / 2)
    assert pressure_drop(80) - pressure_drop(60) < pressure_drop(40) - pressure_drop(20)


@given(st.floats(0, 10 * program.PERIOD))
def test_the_program_moves_slowly_and_within_the_range(seconds: float) -> None:
    before, after = program.actuators(seconds), program.actuators(seconds + 0.5)
    for then, now in zip(before, after, strict=True):
        assert 0 <= now <= 100
        assert abs(now - then) < 2


async def test_the_program_drives_until_somebody_writes() -> None:
    clock = Clock()
    plugin = SimulatedPlugin(SimulatedConfig(noise=0), clock)
    await plugin.connect()
    clock.now = 80
    assert (await values(plugin))["heater_power"] == 75
    await plugin.write("heater_power", 12)
    clock.now = 200
    after = await values(plugin)
    assert after["heater_power"] == 12
    assert after["valve_position"] == 50


async def test_writing_the_heater_warms_the_reactor() -> None:
    plugin, clock = manual()
    await plugin.connect()
    cold = await values(plugin)
    await plugin.write("heater_power", 80)
    await plugin.write("valve_position", 60)
    clock.now = 120
    warm = await values(plugin)
    assert warm["temp_reactor"] > cold["temp_reactor"] + 30
    assert warm["volume_flow"] > cold["volume_flow"] + 50
    assert (warm["heater_power"], warm["valve_position"]) == (80, 60)


async def test_only_actuators_can_be_written() -> None:
    plugin, _ = manual()
    with pytest.raises(PluginError, match="temp_reactor is not an output"):
        await plugin.write("temp_reactor", 500)


async def test_the_same_seed_gives_the_same_noise() -> None:
    first, again, other = [await values(manual(1.0, seed)[0]) for seed in (1, 1, 2)]
    assert first == again
    assert first != other


async def test_noise_never_leaves_the_range() -> None:
    plugin, _ = manual(noise=100)
    channels = {channel.id: channel for channel in plugin.channels()}
    for _ in range(50):
        for channel_id, value in (await values(plugin)).items():
            assert math.isfinite(value)
            assert channels[channel_id].allows(value)


def test_its_channels_are_seven_inputs_and_two_outputs_that_are_safe_at_0() -> None:
    channels = manual()[0].channels()
    outputs = {channel.id: channel.safe_value for channel in channels if channel.direction is Direction.OUTPUT}
    assert outputs == {"heater_power": 0, "valve_position": 0}
    assert len(channels) == 9
