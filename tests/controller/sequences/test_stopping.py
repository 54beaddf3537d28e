"""Whatever ends a cycle, at whatever moment: the valve goes to its safe value, and stays there."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webmacs_controller.configuration.settings import ChannelSettings, InstanceSettings, Interlock

from tests.controller.sequences.plant import CLOSED, CYCLE, OPEN, SAFE, VALVE, Pipe, Process, in_no_time, running

ENDS = 15.0
"""Seconds of a whole cycle."""

AT_ONCE = 1.0
"""A reading and a look at interlocks, beside what a move takes."""

LOCK = Interlock(instance="V", channel="pressure", operator="lt", threshold=5, max_age=2)
GUARDED = msgspec.structs.replace(
    VALVE, channels=[ChannelSettings(channel="valve", interlocks=[LOCK], safe_after_seconds=None)]
)
OTHER_VALVE = msgspec.structs.replace(GUARDED, config={"another": 1})


def patient(seconds: float | None) -> InstanceSettings:
    """A cycle that goes on for so long without the server."""
    button = ChannelSettings(channel="button", safe_after_seconds=seconds)
    return msgspec.structs.replace(CYCLE, channels=[button])


OTHER_CYCLE = msgspec.structs.replace(CYCLE, config=CYCLE.config | {"open_value": 50})
NO_VALVE = msgspec.structs.replace(GUARDED, enabled=False)

Way = Callable[[Process], Awaitable[object]]


def another(*wanted: InstanceSettings) -> Way:
    """The configuration is changed."""

    async def change(process: Process) -> None:
        process.apply(*wanted)

    return change


async def release_the_button(process: Process) -> None:
    result = await process.command("C", "button", 0)
    assert (result.state, result.value, result.error) == ("done", 0, None)


async def lose_the_server(process: Process) -> None:
    process.lose_the_server()


async def exceed_the_pressure(process: Process) -> None:
    process.pipe.pressure = 9


async def stop_the_controller(process: Process) -> None:
    await process.stop()


WAYS: dict[str, Way] = {
    "button": release_the_button,
    "server": lose_the_server,
    "interlock": exceed_the_pressure,
    "controller": stop_the_controller,
    "sequence is gone": another(GUARDED),
    "sequence is changed": another(GUARDED, OTHER_CYCLE),
    "valve is disabled": another(NO_VALVE, CYCLE),
    "valve is changed": another(OTHER_VALVE, CYCLE),
    "valve is gone": another(CYCLE),
}


@given(
    way=st.sampled_from(sorted(WAYS)),
    moment=st.one_of(st.floats(0, ENDS + 1), st.sampled_from([0.0, 0.3, 10.0, 10.3, 15.0])),
    seconds_of_a_move=st.sampled_from([0.0, 0.3]),
)
@settings(max_examples=60)
def test_the_valve_is_safe_at_once(way: str, moment: float, seconds_of_a_move: float) -> None:
    async def scenario() -> None:
        pipe = Pipe(seconds=seconds_of_a_move)
        process = Process(pipe, Path(folder) / "journal")
        await process.start(GUARDED, patient(0.2))
        pressed = process.now()
        await asyncio.gather(process.press(), asyncio.sleep(moment))
        was_under_way = process.button == 1 and process.now() < pressed + ENDS
        stopped = process.now()
        await WAYS[way](process)
        await asyncio.sleep(AT_ONCE + 2 * seconds_of_a_move)
        if was_under_way:
            assert pipe.position == SAFE
            assert pipe.moves == [] or pipe.moves[-1][0] <= stopped + AT_ONCE + seconds_of_a_move
        else:
            assert pipe.position in (CLOSED, SAFE)
        await asyncio.sleep(60)
        assert pipe.position != OPEN
        assert process.button == 0
        assert process.held() == []
        await process.stop()

    with tempfile.TemporaryDirectory() as folder:
        in_no_time(scenario())


@pytest.mark.parametrize("moment", [1, 10.0, 12])
@pytest.mark.parametrize("seconds_away", [6, 200])  # the stop itself waits 5 s for the valve
def test_a_valve_that_does_not_answer_is_made_safe_as_soon_as_it_does(
    journal: Path, moment: float, seconds_away: float
) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        async with running(pipe, journal) as process:
            await process.press()
            await asyncio.sleep(moment)
            pipe.broken = True
            await asyncio.sleep(seconds_away)
            assert process.button == 0
            assert process.why.startswith("V/valve is not at its safe value yet")
            assert process.held() == [("V", "valve")]
            pipe.broken = False
            await asyncio.sleep(180)
            assert (pipe.position, process.held()) == (SAFE, [])

    in_no_time(scenario())


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("interlock", "stopped: interlock: V/pressure is 9, it must be lt 5"),
        ("valve is disabled", "stopped: this controller has no instance 'V' at work"),
        ("button", ""),
    ],
)
def test_the_status_says_why(journal: Path, way: str, why: str) -> None:
    async def scenario() -> None:
        async with running(Pipe(), journal, GUARDED, CYCLE) as process:
            await process.press()
            await asyncio.sleep(1)
            await WAYS[way](process)
            await asyncio.sleep(2)
            assert process.why == why
            assert process.fleet.loops["C"].health == why

    in_no_time(scenario())


# without the server -----------------------------------------------------------------


@pytest.mark.parametrize("seconds_of_the_valve", [None, 2])
def test_without_the_server_the_time_out_of_the_button_counts(
    journal: Path, seconds_of_the_valve: float | None
) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        channels = [ChannelSettings(channel="valve", safe_after_seconds=seconds_of_the_valve)]
        async with running(pipe, journal, msgspec.structs.replace(VALVE, channels=channels), patient(7)) as process:
            await process.press()
            process.lose_the_server()
            await asyncio.sleep(30)
            assert pipe.moves == [(1000, OPEN), (pytest.approx(1007, abs=0.1), SAFE)]
            assert process.button == 0

    in_no_time(scenario())


def test_with_no_time_out_a_cycle_goes_on_without_the_server_and_ends_as_it_should(journal: Path) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        channels = [ChannelSettings(channel="valve", safe_after_seconds=2)]
        async with running(pipe, journal, msgspec.structs.replace(VALVE, channels=channels), patient(None)) as process:
            await process.press()
            process.lose_the_server()
            await asyncio.sleep(30)
            ends = pytest.approx(1015, abs=0.6)  # from then on the valve hangs on the server as any other output
            assert pipe.moves == [(1000, OPEN), (pytest.approx(1010), CLOSED), (ends, SAFE)]
            assert (process.button, process.why) == (0, "")

    in_no_time(scenario())


# commands for the valve itself -------------------------------------------------------


@pytest.mark.parametrize("moment", [0.1, 9.9, 10.1, 14])
@pytest.mark.parametrize("seconds_of_a_move", [0, 0.3])
def test_who_commands_the_valve_takes_it_away_and_it_stays_as_commanded(
    journal: Path, moment: float, seconds_of_a_move: float
) -> None:
    async def scenario() -> None:
        pipe = Pipe(seconds=seconds_of_a_move)
        async with running(pipe, journal) as process:
            await asyncio.gather(process.press(), asyncio.sleep(moment))
            result = await process.command("V", "valve", 33)
            assert (result.state, result.value) == ("done", 33)
            await asyncio.sleep(30)
            assert pipe.moves[-1][1] == pipe.position == 33
            assert process.button == 0
            assert process.why == "stopped: V/valve was commanded to be 33"
            assert process.held() == []

    in_no_time(scenario())


def test_a_command_that_is_refused_takes_nothing_away(journal: Path) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        async with running(pipe, journal) as process:
            await process.press()
            result = await process.command("V", "valve", 133)
            assert result.error == "valve takes 0 to 100 %, not 133"
            await asyncio.sleep(20)
            assert [value for _, value in pipe.moves] == [OPEN, CLOSED]

    in_no_time(scenario())


@pytest.mark.parametrize("told", [True, False])
def test_when_the_valve_is_renamed_the_course_ends_and_the_valve_is_safe(journal: Path, told: bool) -> None:
    """`told`: the settings of the sequence have the new name, too."""

    async def scenario() -> None:
        pipe = Pipe()
        valve, cycle = msgspec.structs.replace(VALVE, public_id="v"), msgspec.structs.replace(CYCLE, public_id="c")
        async with running(pipe, journal, valve, cycle) as process:
            await process.press()
            await asyncio.sleep(2)
            assert pipe.position == OPEN
            config = CYCLE.config | {"valve": {"instance": "W", "channel": "valve"}}
            process.apply(
                msgspec.structs.replace(valve, name="W"),
                msgspec.structs.replace(cycle, config=config) if told else cycle,
            )
            await asyncio.sleep(2)
            assert (pipe.position, process.held(), process.button) == (SAFE, [], 0)
            process.apply(msgspec.structs.replace(valve, name="W"), msgspec.structs.replace(cycle, config=config))
            await asyncio.sleep(2)
            assert (await process.press()).state == "done"
            await asyncio.sleep(2)
            assert pipe.position == OPEN
            await asyncio.sleep(60)
            assert (pipe.position, process.held()) == (CLOSED, [])

    in_no_time(scenario())
