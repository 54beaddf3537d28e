"""One press is one cycle: open, wait, closed, wait; then the button is 0."""

import asyncio
from pathlib import Path

import pytest

from tests.controller.sequences.plant import CLOSED, OPEN, SAFE, Pipe, in_no_time, running


@pytest.mark.parametrize(("seconds_open", "seconds_closed"), [(10, 5), (0.25, 0.125), (60, 0), (0, 5), (0, 0)])
@pytest.mark.parametrize("seconds_of_a_move", [0, 0.1])
def test_the_phases_last_as_long_as_they_shall(
    journal: Path, seconds_open: float, seconds_closed: float, seconds_of_a_move: float
) -> None:
    async def scenario() -> None:
        pipe = Pipe(seconds=seconds_of_a_move)
        async with running(pipe, journal) as process:
            await process.command("C", "seconds_open", seconds_open)
            await process.command("C", "seconds_closed", seconds_closed)
            pressed = process.now()
            assert (await process.press()).value == 1
            await asyncio.sleep(seconds_open + seconds_closed + 1)
            closes = pressed + max(seconds_open, seconds_of_a_move)
            ends = max(pressed + seconds_open + seconds_closed, closes + seconds_of_a_move)
            assert pipe.moves == [(pressed, OPEN), (pytest.approx(closes), CLOSED)]
            assert process.told("button") == [(1000, 0), (pressed, 1), (pytest.approx(ends), 0)]
            assert (process.why, process.held()) == ("", [])

    in_no_time(scenario())


def test_all_values_are_told_as_soon_as_they_are_set(journal: Path) -> None:
    async def scenario() -> None:
        async with running(Pipe(), journal) as process:
            await asyncio.sleep(0.3)  # between two readings
            await process.press()
            await asyncio.sleep(20)
            assert process.told("valve") == [(1000, SAFE), (1000.3, OPEN), (pytest.approx(1010.3), CLOSED)]

    in_no_time(scenario())


def test_it_is_one_cycle_for_one_press_and_a_press_meanwhile_changes_nothing(journal: Path) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        async with running(pipe, journal) as process:
            for _ in range(3):
                await process.press()
                await asyncio.sleep(4)
            await asyncio.sleep(20)
            assert [value for _, value in pipe.moves] == [OPEN, CLOSED]
            await process.press()
            await asyncio.sleep(20)
            assert [value for _, value in pipe.moves] == [OPEN, CLOSED] * 2

    in_no_time(scenario())


def test_other_seconds_count_from_the_next_phase_on(journal: Path) -> None:
    async def scenario() -> None:
        pipe = Pipe()
        async with running(pipe, journal) as process:
            await process.press()
            await asyncio.sleep(1)
            assert (await process.command("C", "seconds_open", 2)).value == 2
            assert (await process.command("C", "seconds_closed", 100)).value == 100
            await asyncio.sleep(120)
            assert process.told("button")[1:] == [(1000, 1), (pytest.approx(1110), 0)]
            await process.press()
            await asyncio.sleep(3)
            closed_at, value = pipe.moves[-1]
            assert (round(closed_at, 6), value) == (1123, CLOSED)

    in_no_time(scenario())


def test_a_sequence_and_its_valve_are_told_as_what_they_are(journal: Path) -> None:
    async def scenario() -> None:
        async with running(Pipe(), journal) as process:
            channels = process.fleet.loops["C"].instance.channels
            told = [(channel.id, channel.event_type, channel.safe_value) for channel in channels.values()]
            assert told == [
                ("button", "cmd_button", 0),
                ("seconds_open", "cmd_opened", None),
                ("seconds_closed", "cmd_closed", None),
            ]

    in_no_time(scenario())
