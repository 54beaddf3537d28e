"""Instances are changed while they run: no more of them than what has changed."""

import asyncio
import math
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from webmacs_controller.clock.clock import Clock
from webmacs_controller.configuration import fleet
from webmacs_controller.configuration.fleet import Fleet
from webmacs_controller.configuration.settings import ChannelSettings, InstanceSettings, Refusal, read_instances
from webmacs_controller.measuring.loop import State
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.safety.record import Duty
from webmacs_controller.sdk import ConfigError, Plugin, PluginError, Sample
from webmacs_controller.sdk.config import read_config

from tests.controller.commanding import Gate
from tests.controller.devices import Tank, TankConfig

FAST = 0.01


class Yard:
    """A fleet of tanks. `made` are all that were made, in order, by the name of their instance."""

    def __init__(self) -> None:
        self.made: dict[str, list[Gate]] = {}
        self.points: list[Point] = []
        self.never = threading.Event()
        self._arrived = asyncio.Event()
        self.newest = Newest()
        self.fleet = Fleet(self.newest, self._take, self._make, Clock())

    def apply(self, *wanted: InstanceSettings | Refusal) -> None:
        self.fleet.carry_out(self.fleet.plan(wanted))

    async def running(self, name: str = "T") -> Gate:
        """The newest of that name, as soon as it measures."""
        async with asyncio.timeout(30):
            await self.fleet.loops[name].until(lambda state: state is State.RUNNING)
        return self.made[name][-1]

    async def point(self, channel: str, value: float, quality: int = 192) -> Point:
        """Wait for it."""
        return (await self.until(channel, 1, lambda point: (point.value, point.quality) == (value, quality)))[0]

    async def until(self, channel: str, count: int, fits: Callable[[Point], bool] = lambda _: True) -> list[Point]:
        """Wait for at least so many of the channel's points that fit."""
        async with asyncio.timeout(30):
            while len(points := [point for point in self.points if point.source[1] == channel and fits(point)]) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return points

    def _take(self, points: Sequence[Point]) -> None:
        self.points += points
        self._arrived.set()

    def _make(self, settings: InstanceSettings) -> Plugin[Any]:
        if settings.plugin == "endless":
            self.never.wait()
        if settings.plugin != "tank":
            raise ConfigError(f"plugin: {settings.plugin!r} is not installed")
        config = read_config(TankConfig, settings.config, "config")
        tank = Gate()
        tank.held = config.address.split() if config.address != "1" else ()
        tank.open.set()
        self.made.setdefault(settings.name, []).append(tank)
        return tank


@pytest.fixture
async def yard() -> AsyncIterator[Yard]:
    made = Yard()
    yield made
    made.never.set()
    for tanks in made.made.values():
        for tank in tanks:
            tank.open.set()
            tank.readable.set()
    await made.fleet.release(5)


def tank(name: str = "T", **settings: Any) -> InstanceSettings:
    defaults: dict[str, Any] = {"name": name, "plugin": "tank", "interval_seconds": FAST}
    return InstanceSettings(**defaults | settings)


def level(**settings: Any) -> list[ChannelSettings]:
    return [ChannelSettings(channel="level", **settings)]


async def test_what_has_not_changed_is_not_disturbed(yard: Yard) -> None:
    yard.apply(tank("A"), tank("B", config={"address": "1"}))
    first, second = await yard.running("A"), await yard.running("B")
    before = yard.fleet.channels_version
    yard.apply(tank("A"), tank("B", config={"address": "2"}), tank("C"))
    await yard.running("C")
    assert await yard.running("B") is not second
    assert "disconnect" not in first.calls
    assert [len(tanks) for tanks in yard.made.values()] == [1, 2, 1]
    assert yard.fleet.channels_version == before + 1


async def test_no_two_are_read_at_the_same_moments(yard: Yard) -> None:
    yard.apply(*(tank(f"T{number}") for number in range(10)))
    phases = sorted(loop.phase for loop in yard.fleet.loops.values())
    assert min(later - phase for phase, later in pairwise([*phases, phases[0] + 1])) > 0.05


async def test_one_that_is_never_made_keeps_no_other_from_working(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "MAKE_SECONDS", 0.2)
    yard.apply(tank("A", plugin="endless"), tank("B"))
    await yard.running("B")
    assert yard.fleet.members["A"].error == "plugin: it was not made within 0.2 s"


async def test_a_changed_one_begins_when_the_one_before_is_safe_and_let_go(yard: Yard) -> None:
    yard.apply(tank())
    old = await yard.running()
    old.open.clear()
    yard.apply(tank(config={"address": "2"}))
    await old.writing.wait()
    new = yard.made["T"][-1]
    assert (new.calls, yard.fleet.loops["T"].state) == ([], State.CONNECTING)
    old.open.set()
    await yard.running()
    assert old.calls[-3:] == ["write pump 5", "read", "disconnect"]


async def test_only_the_newest_of_several_changes_connects(yard: Yard) -> None:
    yard.apply(tank())
    old = await yard.running()
    old.open.clear()
    yard.apply(tank(config={"address": "2"}))
    await old.writing.wait()
    yard.apply(tank(config={"address": "3"}))
    yard.apply()
    yard.apply(tank(config={"address": "4"}))
    old.open.set()
    newest = await yard.running()
    assert newest is yard.made["T"][3]
    assert [tank.calls for tank in yard.made["T"][1:3]] == [[], []]
    assert old.calls.count("write pump 5") == 1  # nothing disturbed it on its way to the safe state


@pytest.mark.parametrize("end", [[], [tank(enabled=False)]])
async def test_what_is_disabled_or_gone_is_made_safe(yard: Yard, end: list[InstanceSettings]) -> None:
    yard.apply(tank())
    old = await yard.running()
    loop = yard.fleet.loops["T"]
    yard.apply(*end)
    assert yard.fleet.loops == {}
    async with asyncio.timeout(30):
        await loop.until(lambda state: state is State.STOPPED)
    assert old.calls[-3:] == ["write pump 5", "read", "disconnect"]
    assert list(yard.fleet.members) == [settings.name for settings in end]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (tank(config={"adress": "1"}), "config.adress: unknown setting; allowed are address"),
        (tank(config={"address": 1}), "config.address: expected `str`, got `int`"),
        (tank(plugin="tonk"), "plugin: 'tonk' is not installed"),
        (Refusal("T", "interval_seconds: expected `float` >= 0.01"), "interval_seconds: expected `float` >= 0.01"),
    ],
)
async def test_a_wrong_setting_is_refused_by_name_and_the_old_one_stays(
    yard: Yard, wrong: InstanceSettings | Refusal, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    yard.apply(tank(config={"address": "1"}))
    old = await yard.running()
    for _ in range(2):
        yard.apply(wrong)
        member = yard.fleet.members["T"]
        assert (member.error, member.settings.plugin, member.settings.config) == (error, "tank", {"address": "1"})
    assert caplog.text.count(f"T: refused: {error}") == 1
    assert "disconnect" not in old.calls
    yard.apply(tank(config={"address": "1"}))
    assert yard.fleet.members["T"].error == ""


async def test_what_was_wrong_from_the_beginning_does_not_run(yard: Yard) -> None:
    yard.apply(tank("T", plugin="tonk"), Refusal("U", "name: no"), tank("V"))
    await yard.running("V")
    assert {name: member.error for name, member in yard.fleet.members.items()} == {
        "T": "plugin: 'tonk' is not installed",
        "U": "name: no",
        "V": "",
    }
    assert list(yard.fleet.loops) == ["V"]


async def test_what_is_renamed_goes_on_undisturbed(yard: Yard) -> None:
    yard.apply(tank("T", public_id="t"), tank("U", public_id="u"))
    first, second = await yard.running("T"), await yard.running("U")
    loops = yard.fleet.loops
    yard.fleet.loops["T"].safety.owed["pump"] = "somebody said so"
    await yard.fleet.safeguard.begin([Duty(("T", "pump"), 5, "somebody said so")])
    before = yard.fleet.channels_version
    yard.apply(tank("U", public_id="t"), tank("T", public_id="u"))
    assert (yard.fleet.channels_version, list(yard.made["T"])) == (before, [first])
    yard.apply(tank("New", public_id="t"), tank("T", public_id="u"), tank("U"))
    assert list(loops) == ["New", "T", "U"]
    assert [member.settings.name for member in yard.fleet.members.values()] == ["New", "T", "U"]
    assert [loop.instance.plugin for loop in loops.values()] == [first, second, yard.made["U"][1]]
    assert yard.fleet.owed("New") == ["pump"]
    assert yard.fleet.safeguard.begun == {("New", "pump")}
    gauges = loops["New"].instance.gauges.values()
    assert [gauge.source for gauge in gauges] == [("New", "level"), ("New", "pump")]
    point = yard.newest.get(("New", "level"), math.inf)
    assert point
    assert point.source == ("New", "level")
    assert "disconnect" not in first.calls + second.calls


async def test_a_renamed_one_with_other_settings_begins_when_the_one_before_has_let_go(yard: Yard) -> None:
    yard.apply(tank("T", public_id="t"))
    old = await yard.running("T")
    old.open.clear()
    yard.apply(tank("New", public_id="t", config={"address": "2"}))
    await old.writing.wait()
    [new] = yard.made["New"]
    assert new.calls == []
    old.open.set()
    await yard.running("New")
    assert old.calls[-1] == "disconnect"


async def test_a_name_that_one_has_left_may_be_anothers(yard: Yard) -> None:
    """While what had it makes its outputs safe."""
    yard.apply(tank("T", public_id="t"), tank("U", public_id="u"))
    first, second = await yard.running("T"), await yard.running("U")
    ending = yard.fleet.loops["T"]
    yard.apply(tank("T", public_id="u"))
    assert yard.fleet.loops["T"].instance.plugin is second
    async with asyncio.timeout(30):
        await ending.until(lambda state: state is State.STOPPED)
    assert first.calls[-3:] == ["write pump 5", "read", "disconnect"]
    assert "disconnect" not in second.calls


def errors(yard: Yard) -> dict[str, str]:
    return {name: member.error for name, member in yard.fleet.members.items()}


def of(*devices: str) -> dict[str, str]:
    """Settings of a tank that holds these, and nothing that the others do."""
    return {"address": " ".join(devices)}


async def test_the_second_that_would_have_the_same_device_is_refused_by_name(yard: Yard) -> None:
    yard.apply(tank("T", config=of("line")), tank("U", config=of("line", "other")), tank("V", config=of("other")))
    assert errors(yard) == {"T": "", "U": "config: line is held by the instance 'T'", "V": ""}
    assert list(yard.fleet.loops) == ["T", "V"]
    yard.apply(tank("T", config=of("line"), enabled=False), tank("U", config=of("line", "another")))
    assert errors(yard) == {"T": "", "U": ""}
    await yard.running("U")


async def test_who_is_at_work_keeps_its_device_whoever_comes_first(yard: Yard) -> None:
    yard.apply(tank("T", config=of("line")))
    yard.apply(tank("A", config=of("line", "b", "c")), tank("T", config=of("line")))
    assert errors(yard) == {"T": "", "A": "config: line is held by the instance 'T'"}


async def test_who_does_not_get_another_device_keeps_its_own_from_others(yard: Yard) -> None:
    yard.apply(tank("T", config=of("a")), tank("U", config=of("b")))
    first = await yard.running("T")
    yard.apply(tank("V", config=of("a")), tank("T", config=of("b")), tank("U", config=of("b")))
    assert errors(yard) == {
        "T": "config: b is held by the instance 'U'",
        "U": "",
        "V": "config: a is held by the instance 'T'",
    }
    assert "disconnect" not in first.calls


async def test_devices_may_be_exchanged(yard: Yard) -> None:
    yard.apply(tank("T", config=of("a")), tank("U", config=of("b")))
    yard.apply(tank("T", config=of("b")), tank("U", config=of("a")))
    assert errors(yard) == {"T": "", "U": ""}


async def test_a_plugin_whose_making_fails_harms_nobody(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Tank) -> None:
        raise ZeroDivisionError("by the author")

    yard.apply(tank("A"))
    await yard.running("A")
    monkeypatch.setattr(Tank, "channels", fail)
    yard.apply(tank("A", config={"address": "2"}), tank("B"))
    assert {member.error for member in yard.fleet.members.values()} == {"plugin: ZeroDivisionError('by the author')"}
    assert yard.fleet.loops["A"].state is State.RUNNING


async def test_rate_and_calibration_change_without_connecting_again(yard: Yard) -> None:
    yard.apply(tank(interval_seconds=3600))
    old = await yard.running()
    yard.apply(tank(interval_seconds=FAST, channels=level(calibration=[(0, 0), (1, 2)])))
    await yard.point("level", 2.0)
    yard.apply(tank(interval_seconds=FAST, channels=level(min=5)))
    await yard.point("level", 1.0, 84)
    assert old.calls.count("connect") == 1
    assert set(old.calls) == {"connect", "read"}


async def test_what_is_reported_on_change_is_told_once(yard: Yard) -> None:
    yard.apply(tank(channels=level(report="change")))
    await yard.until("pump", 5)
    assert sum(point.source[1] == "level" for point in yard.points) == 1


async def test_an_outputs_calibration_that_does_not_lead_back_is_refused_by_name(yard: Yard) -> None:
    flat = ChannelSettings(channel="pump", calibration=[(0, 1), (100, 1)])
    yard.apply(tank(channels=[flat, *level(calibration=[(0, 0), (1, 3)])]))
    await yard.point("level", 3.0)
    assert yard.fleet.members["T"].error.startswith("channels.pump.calibration: needs values that rise or fall")
    await yard.point("pump", 50.0)


async def test_settings_of_channels_that_the_plugin_has_not_are_passed_over(yard: Yard) -> None:
    yard.apply(tank(channels=[ChannelSettings(channel="drain", calibration=[(0, 1), (1, 1)])]))
    await yard.running()
    assert yard.fleet.members["T"].error == ""


async def test_nothing_stale_looks_alive_when_an_instance_fails(yard: Yard) -> None:
    """Each channel gives its last value once more, as a bad one; also if another instance had measured it."""
    yard.apply(tank())
    await yard.running()
    yard.apply(tank(config={"address": "2"}))
    failing = yard.made["T"][-1]
    failing.failures = [PluginError("no answer")] * 2
    await yard.point("level", 1.0, 24)
    await yard.point("pump", 5.0, 24)  # as the one before had left it
    async with asyncio.timeout(30):
        await yard.fleet.loops["T"].until(lambda state: state is State.FAILED)
    bad = [point.source[1] for point in yard.points if point.quality == 24]
    assert sorted(bad) == ["level", "pump"]


async def test_a_channel_that_has_no_value_any_more_says_so_once(yard: Yard) -> None:
    yard.apply(tank())
    gate = await yard.running()
    gate.values = [math.nan]
    lost = await yard.point("level", 1.0, 16)
    gate.values = [4.0]
    back = await yard.point("level", 4.0)
    assert lost.timestamp < back.timestamp
    assert [point.quality for point in yard.points if point.source[1] == "level"].count(16) == 1


async def test_a_device_that_says_why_it_has_no_value_is_believed(yard: Yard) -> None:
    class Broken(Gate):
        async def read(self) -> Sequence[Sample]:
            return [Sample("level", math.nan, 8)]

    yard.apply(tank())
    await yard.running()
    yard.fleet._make = lambda _: Broken()
    yard.apply(tank(config={"address": "2"}))
    await yard.point("level", 1.0, 8)


def test_what_a_newer_server_says_besides_is_passed_over() -> None:
    assert read_instances([{"name": "T", "plugin": "tank", "colour": "red"}]) == [
        InstanceSettings(name="T", plugin="tank")
    ]


@pytest.mark.parametrize(
    ("table", "refusal"),
    [
        ({"name": "T"}, Refusal("T", "object missing required field `plugin`")),
        ({"name": "T", "plugin": 1}, Refusal("T", "plugin: expected `str`, got `int`")),
        (
            {"name": "T", "plugin": "tank", "interval_seconds": 0.001},
            Refusal("T", "interval_seconds: expected `float` >= 0.01"),
        ),
        (
            {"name": "T", "plugin": "tank", "channels": [{"channel": "a", "deadband": -1}]},
            Refusal("T", "channels[0].deadband: expected `float` >= 0.0"),
        ),
    ],
)
def test_a_mistake_of_the_server_is_named_and_harms_no_other(table: dict[str, Any], refusal: Refusal) -> None:
    good = {"name": "U", "plugin": "tank"}
    assert read_instances([table, good]) == [refusal, msgspec.convert(good, InstanceSettings)]
