"""What a killed controller was doing is ended by the next one, and set points are what they were."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from webmacs_controller.measuring.loop import State

from tests.controller.sequences.plant import CYCLE, OPEN, SAFE, VALVE, Pipe, Process, in_no_time, running


@pytest.mark.parametrize("moment", [0, 0.2, 5, 10.2, 14])
def test_after_a_kill_the_valve_is_made_safe_and_nothing_begins_by_itself(journal: Path, moment: float) -> None:
    async def scenario() -> None:
        pipe = Pipe(seconds=0.3)
        killed = Process(pipe, journal)
        await killed.start(VALVE, CYCLE)
        pressing = asyncio.create_task(killed.press())
        await asyncio.sleep(moment)
        await killed.kill()
        assert pressing.done()
        async with running(pipe, journal) as process:
            await asyncio.sleep(1)
            assert (pipe.position, process.button, process.held()) == (SAFE, 0, [])
            assert (await process.press()).state == "done"
            await asyncio.sleep(5)
            assert pipe.position == OPEN

    in_no_time(scenario())


def test_a_valve_that_is_not_there_is_made_safe_as_soon_as_it_is_but_a_command_counts_more(journal: Path) -> None:
    async def scenario(command: bool) -> float:
        pipe = Pipe()
        killed = Process(pipe, journal)
        await killed.start(VALVE, CYCLE)
        await killed.press()
        await asyncio.sleep(1)
        await killed.kill()
        pipe.broken = True
        async with running(pipe, journal) as process:
            await asyncio.sleep(100)
            assert (await process.press()).error == (
                "V/valve has to go to its safe value: the controller was killed before it was there"
            )
            pipe.broken = False
            if command:
                await process.fleet.loops["V"].until(lambda state: state is State.RUNNING)
                assert (await process.command("V", "valve", 44)).state == "done"
            await asyncio.sleep(180)
            assert process.held() == []
        return pipe.moves[-2][1]  # the last one is the end of the controller

    assert in_no_time(scenario(command=False)) == SAFE
    assert in_no_time(scenario(command=True)) == 44


def test_set_points_survive_and_those_that_nobody_chose_are_as_configured(journal: Path) -> None:
    async def scenario() -> None:
        async with running(Pipe(), journal) as process:
            assert (await process.command("C", "seconds_open", 2)).state == "done"
            assert (await process.command("C", "seconds_open", 3)).state == "done"
        async with running(Pipe(), journal) as process:
            await asyncio.sleep(2)
            assert process.told("seconds_open") == [(process.points[0][0], 3)]
            assert process.told("seconds_closed") == [(process.points[0][0], 5)]

    in_no_time(scenario())


def test_another_configuration_keeps_what_was_chosen(journal: Path) -> None:
    async def scenario() -> None:
        async with running(Pipe(), journal) as process:
            await process.command("C", "seconds_open", 2)
            process.apply(VALVE, msgspec.structs.replace(CYCLE, config=CYCLE.config | {"seconds_closed": 7}))
            await asyncio.sleep(2)
            assert (process.told("seconds_open")[-1][1], process.told("seconds_closed")[-1][1]) == (2, 7)

    in_no_time(scenario())


def test_a_sequence_that_is_renamed_keeps_what_people_have_chosen(journal: Path) -> None:
    """Before the server had given it an id, and since."""

    async def scenario() -> None:
        known = msgspec.structs.replace(CYCLE, public_id="c")
        renamed = msgspec.structs.replace(known, name="D")
        async with running(Pipe(), journal) as process:
            await process.command("C", "seconds_open", 2)
        async with running(Pipe(), journal, VALVE, known) as process:
            await process.command("C", "seconds_closed", 3)
            assert process.told("seconds_open")[-1][1] == 2
            await process.command("C", "seconds_open", 4)
            process.apply(VALVE, renamed)
            await asyncio.sleep(2)
            assert (process.told("seconds_open")[-1][1], process.told("seconds_closed")[-1][1]) == (4, 3)
        async with running(Pipe(), journal, VALVE, renamed) as process:
            await asyncio.sleep(2)
            assert (process.told("seconds_open")[-1][1], process.told("seconds_closed")[-1][1]) == (4, 3)

    in_no_time(scenario())


def test_without_a_journal_a_sequence_does_not_begin_to_work(tmp_path: Path) -> None:
    async def scenario() -> None:
        process = Process(Pipe(), tmp_path / "nowhere" / "journal")
        await process.begin(VALVE, CYCLE)
        await asyncio.sleep(5)
        assert "journal cannot be used" in process.fleet.loops["C"].problem
        assert process.fleet.loops["V"].problem == ""
        await process.stop()

    in_no_time(scenario())
