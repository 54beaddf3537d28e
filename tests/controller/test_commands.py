"""Commands on their way through the controller: carried out once, in order, or refused with a reason."""

from pathlib import Path

import pytest
from webmacs_controller.measuring.instance import Instance

from tests.controller.commanding import LEVEL, NOBODYS, PUMP, Gate, commanded, opened, result, tank
from tests.controller.devices import Tank
from tests.controller.peer import Peer, event_id

pytestmark = pytest.mark.usefixtures("no_long_flush")


async def test_a_command_is_carried_out_and_answered_with_what_was_read_back(peer: Peer, journal: Path) -> None:
    class Rounding(Tank):
        async def write(self, channel_id: str, value: float) -> None:
            await super().write(channel_id, round(value))

    async with commanded(peer, journal, tank(Rounding())) as connection:
        await connection.command("1", PUMP, 41.7)
        assert await connection.result() == result("1", "done", 42)


async def test_the_value_read_back_is_also_sent_as_a_point(peer: Peer, journal: Path) -> None:
    async with commanded(peer, journal, tank(Tank())) as connection:
        frame = await connection.receive()
        await connection.command("1", PUMP, 42)
        messages = [await connection.receive(), await connection.receive()]
    points = [point for message in [frame, *messages] for point in message.get("datapoints", [])]
    assert [point["value"] for point in points if point["event_public_id"] == PUMP] == [50, 42]


@pytest.mark.parametrize(
    ("event", "value", "words"),
    [
        (NOBODYS, 1, "this controller has no instance 'nobody'"),
        (LEVEL, 1, "T has no output 'level'"),
        (event_id("T", "gone"), 1, "T has no output 'gone'"),
        (PUMP, 100.1, "pump takes 0 to 100 %, not 100.1"),
        (PUMP, -1, "pump takes 0 to 100 %, not -1"),
    ],
)
async def test_what_cannot_be_set_is_refused_with_words(
    peer: Peer, journal: Path, event: str, value: float, words: str
) -> None:
    gate = opened()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", event, value)
        assert await connection.result() == result("1", "failed", None, words)
        assert gate.writes == []


@pytest.mark.parametrize("ttl", [0, -1, -1e308])
async def test_a_command_that_comes_too_late_does_nothing(peer: Peer, journal: Path, ttl: float) -> None:
    gate = opened()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1, ttl=ttl)
        assert (await connection.result())["state"] == "expired"
        assert gate.writes == []


@pytest.mark.parametrize(("after_seq", "after_seconds"), [(None, -31), (17, 0), (17, 1e308)])
async def test_a_command_that_was_on_its_way_for_too_long_does_nothing(
    peer: Peer, journal: Path, after_seq: int | None, after_seconds: float
) -> None:
    """It left the server 31 s ago by what that had heard of us, or after a frame that we have never sent."""
    gate = opened()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1, ttl=30, after_seq=after_seq, after_seconds=after_seconds)
        assert (await connection.result())["state"] == "expired"
        assert gate.writes == []


async def test_the_delay_of_a_command_counts_from_the_frame_that_the_server_names(peer: Peer, journal: Path) -> None:
    async with commanded(peer, journal, tank(opened(), 0.01)) as connection:
        for command_id, seconds, state in (("1", 0.0, "done"), ("2", -31.0, "expired")):
            seq = (await connection.receive())["seq"]
            await connection.ack(seq)
            await connection.command(command_id, PUMP, 1, ttl=30, after_seq=seq, after_seconds=seconds)
            answer = await connection.result()  # before the next, which might supersede it
            assert (answer["id"], answer["state"]) == (command_id, state)


async def test_a_command_expires_while_its_device_is_busy(peer: Peer, journal: Path) -> None:
    gate = Gate()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1, ttl=1e308)
        await gate.writing.wait()
        await connection.command("2", PUMP, 2, ttl=0.02)
        assert (await connection.result())["state"] == "expired"
        gate.open.set()
        assert await connection.result() == result("1", "done", 1)
        assert gate.writes == ["pump 1"]


async def test_the_newest_of_the_commands_that_wait_for_an_output_wins(peer: Peer, journal: Path) -> None:
    gate = Gate()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1)
        await gate.writing.wait()
        for number in (2, 3, 4):
            await connection.command(str(number), PUMP, number)
        await connection.command("last", NOBODYS, 0)
        await connection.result()  # so all have been received
        gate.open.set()
        states = {answer["id"]: answer["state"] for answer in [await connection.result() for _ in range(4)]}
        assert states == {"1": "done", "2": "failed", "3": "failed", "4": "done"}
        assert gate.writes == ["pump 1", "pump 4"]


async def test_a_slow_device_holds_up_no_other(peer: Peer, journal: Path) -> None:
    gate, other = Gate(), Instance("O", Tank(), 0.01)
    async with commanded(peer, journal, tank(gate), other) as connection:
        await connection.command("slow", PUMP, 1)
        await gate.writing.wait()
        await connection.command("quick", event_id("O", "pump"), 2)
        assert await connection.result() == result("quick", "done", 2)
        while event_id("O", "level") not in str(frame := await connection.receive()):
            await connection.ack(frame["seq"])
        gate.open.set()
        assert (await connection.result())["id"] == "slow"


async def test_the_same_command_again_is_answered_again_and_not_carried_out_again(peer: Peer, journal: Path) -> None:
    gate = Gate()
    async with commanded(peer, journal, tank(gate)) as connection:
        for _ in range(3):
            await connection.command("1", PUMP, 1)
        await gate.writing.wait()
        gate.open.set()
        assert await connection.result() == result("1", "done", 1)
        await connection.command("1", PUMP, 99)
        assert await connection.result() == result("1", "done", 1)
        await connection.send(type="command_noted", id="1")
        await connection.command("1", PUMP, 99)
        assert await connection.result() == result("1", "done", 1)
        assert gate.writes == ["pump 1"]


async def test_an_unnoted_result_is_sent_again_after_a_lost_connection_before_any_frame(
    peer: Peer, journal: Path
) -> None:
    async with commanded(peer, journal, tank(Tank(), 0.01)) as connection:
        for number in (1, 2):
            await connection.command(str(number), PUMP, number)
            await connection.result()
        await connection.send(type="command_noted", id="1")
        await connection.command("3", PUMP, 3)
        await connection.result()
        connection.cut()
        connection = await peer.connection()
        await connection.welcome()
        assert [(await connection.receive()).get("id") for _ in range(2)] == ["2", "3"]
        assert "datapoints" in await connection.receive()


async def test_results_wait_while_there_is_no_connection(peer: Peer, journal: Path) -> None:
    gate = Gate()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1)
        await gate.writing.wait()
        connection.cut()
        gate.open.set()
        connection = await peer.connection()
        await connection.welcome()
        assert await connection.result() == result("1", "done", 1)


async def test_a_result_is_sent_again_by_the_next_process_until_it_is_noted(peer: Peer, journal: Path) -> None:
    async with commanded(peer, journal, tank(Tank())) as connection:
        await connection.command("1", PUMP, 1)
        await connection.command("2", event_id("T", "level"), 1)
        answers = [await connection.result(), await connection.result()]
    async with commanded(peer, journal, tank(Tank())) as connection:
        again = [await connection.result(), await connection.result()]
        await connection.send(type="command_noted", id="1")
        await connection.send(type="command_noted", id="2")
    assert sorted(again, key=lambda answer: str(answer["id"])) == sorted(answers, key=lambda answer: str(answer["id"]))
    gate = opened()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("3", PUMP, 3)
        assert (await connection.result())["id"] == "3"
        assert gate.writes == ["pump 3"]
