"""A sequence that could not drive its output does not begin, and says why; a wrong setting is refused by name."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from webmacs_controller.configuration.settings import ChannelSettings, InstanceSettings, Interlock

from tests.controller.sequences.plant import CYCLE, OPEN, VALVE, Pipe, in_no_time, running

LOCK = Interlock(instance="V", channel="pressure", operator="lt", threshold=5, max_age=2)


def guarded(**lock: Any) -> InstanceSettings:
    """The valve, with an interlock."""
    interlocks = [msgspec.structs.replace(LOCK, **lock)]
    return msgspec.structs.replace(VALVE, channels=[ChannelSettings(channel="valve", interlocks=interlocks)])


TWIN = msgspec.structs.replace(CYCLE, name="D")


def cycle(**valve: str) -> InstanceSettings:
    return msgspec.structs.replace(CYCLE, config=CYCLE.config | {"valve": CYCLE.config["valve"] | valve})


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        ([msgspec.structs.replace(VALVE, enabled=False)], "this controller has no instance 'V' at work"),
        ([guarded(threshold=0.5)], "interlock: V/pressure is 1, it must be lt 0.5"),
        ([guarded(channel="unknown")], "interlock: V/unknown has no value of the last 2 s"),
        ([guarded(instance=None)], "interlock: what it asks for is not measured by this controller"),
    ],
)
def test_what_may_not_be_driven_is_not(journal: Path, wanted: list[InstanceSettings], why: str) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        async with running(pipe, journal, *wanted, CYCLE) as process:
            await asyncio.sleep(1)
            result = await process.press()
            assert (result.state, result.error, result.value) == ("failed", why, 0)
            assert (pipe.moves, process.held()) == ([], [])

    in_no_time(scenario())


def test_a_valve_whose_interlock_allows_it_is_driven(journal: Path) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        async with running(pipe, journal, guarded(), CYCLE) as process:
            assert (await process.press()).state == "done"
            await asyncio.sleep(1)
            assert pipe.position == OPEN

    in_no_time(scenario())


def test_a_valve_that_does_not_work_is_not_driven(journal: Path) -> None:
    async def scenario() -> None:
        pipe = Pipe(broken=True)
        async with running(pipe, journal) as process:
            await asyncio.sleep(1)
            result = await process.press()
            assert result.error == "V is not running (failed): no answer from the valve"

    in_no_time(scenario())


def test_of_two_sequences_one_has_the_valve(journal: Path) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        async with running(pipe, journal, VALVE, CYCLE, TWIN) as process:
            await process.press()
            refused = await process.command("D", "button", 1)
            assert refused.error == "V/valve is driven by C"
            await asyncio.sleep(20)
            assert (await process.command("D", "button", 1)).state == "done"

    in_no_time(scenario())


def test_an_output_that_does_not_take_the_value_ends_it(journal: Path) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        wide = msgspec.structs.replace(CYCLE, config=CYCLE.config | {"open_value": 150})
        async with running(pipe, journal, VALVE, wide) as process:
            await process.press()
            await asyncio.sleep(1)
            assert process.why == "stopped: V/valve: valve takes 0 to 100 %, not 150"
            assert (pipe.moves, process.button) == ([], 0)

    in_no_time(scenario())


def test_the_button_is_on_or_off(journal: Path) -> None:
    async def scenario() -> None:
        async with running(Pipe(), journal) as process:
            result = await process.command("C", "button", 0.5)
            assert (result.state, result.error, result.value) == ("failed", "button takes 0 or 1, not 0.5", 0)

    in_no_time(scenario())


# settings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (cycle(instance="W"), "config.valve.instance: there is no other instance 'W'; there are V"),
        (cycle(instance="C"), "config.valve.instance: there is no other instance 'C'; there are V"),
        (
            cycle(channel="pressure"),
            "config.valve.channel: V has no output 'pressure' that a sequence could drive; there are valve",
        ),
    ],
)
def test_what_is_not_there_is_refused_by_name_and_the_old_setting_stays(
    journal: Path, wrong: InstanceSettings, error: str
) -> None:
    async def scenario() -> None:
        async with running(Pipe(), journal) as process:
            await process.press()
            process.apply(VALVE, wrong)
            await asyncio.sleep(1)
            assert process.fleet.members["C"].error == error
            assert process.button == 1
            process.apply(VALVE, CYCLE)
            assert process.fleet.members["C"].error == ""

    in_no_time(scenario())


def test_a_first_setting_that_is_wrong_is_refused_until_what_it_names_is_there(journal: Path) -> None:
    async def scenario() -> None:
        async with running(Pipe(), journal, CYCLE) as process:
            assert process.fleet.members["C"].error.startswith("config.valve.instance: there is no other instance 'V'")
            assert "C" not in process.fleet.loops
            process.apply(CYCLE, VALVE)
            assert "C" in process.fleet.loops

    in_no_time(scenario())


def test_a_sequence_drives_no_sequence(journal: Path) -> None:
    async def scenario() -> None:
        twin = msgspec.structs.replace(TWIN, config={"valve": {"instance": "C", "channel": "button"}})
        async with running(Pipe(), journal, VALVE, CYCLE, twin) as process:
            error = "config.valve.channel: C has no output 'button' that a sequence could drive; there is none"
            assert process.fleet.members["D"].error == error

    in_no_time(scenario())
