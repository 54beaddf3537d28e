"""Commands to devices that fail, while the controller stops, and on a full disk."""

import asyncio
import resource
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from webmacs_controller.commands import executor as executor_module
from webmacs_controller.commands.journal import Journal
from webmacs_controller.measuring import turn as turn_module
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.sdk import OutcomeUnknownError, PluginError, Quality, Sample

from tests.controller.commanding import LEVEL, NOBODYS, PUMP, Gate, commanded, controller, opened, result, tank
from tests.controller.devices import PUMP as PUMP_CHANNEL
from tests.controller.devices import Stuck, Tank
from tests.controller.peer import Peer

pytestmark = pytest.mark.usefixtures("no_long_flush")


@pytest.mark.parametrize("raised", [PluginError("the valve is stuck"), ZeroDivisionError("\ud800")])
async def test_a_write_that_fails_says_why_and_what_the_output_is_now(
    peer: Peer, journal: Path, raised: Exception
) -> None:
    class Broken(Tank):
        async def write(self, channel_id: str, value: float) -> None:
            if value != PUMP_CHANNEL.safe_value:
                raise raised

    async with commanded(peer, journal, tank(Broken())) as connection:
        await connection.command("1", PUMP, 1)
        answer = await connection.result()
        assert (answer["state"], answer["value"]) == ("failed", 50)
        assert answer["error"] in ("the valve is stuck", "ZeroDivisionError: ?")
        await connection.command("2", LEVEL, 1)  # the controller goes on
        assert (await connection.result())["id"] == "2"


async def test_a_write_that_takes_too_long_may_still_happen(
    peer: Peer, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    async with commanded(peer, journal, tank(gate)) as connection:
        assert "datapoints" in await connection.receive()
        monkeypatch.setattr(turn_module, "CALL_SECONDS", 0.02)
        await connection.command("1", PUMP, 1)
        assert await connection.result() == result("1", "outcome_unknown", 50, "writing took longer than 0.02 s")


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (asyncio.CancelledError(), "writing was cancelled by the plugin itself"),
        (SystemExit(3), "the plugin wanted to end the process: SystemExit(3)"),
    ],
)
async def test_a_write_that_breaks_off_may_have_happened(
    peer: Peer, journal: Path, raised: BaseException, words: str
) -> None:
    class Quitter(Tank):
        async def write(self, channel_id: str, value: float) -> None:
            if value != PUMP_CHANNEL.safe_value:
                raise raised

    async with commanded(peer, journal, tank(Quitter())) as connection:
        await connection.command("1", PUMP, 1)
        assert await connection.result() == result("1", "outcome_unknown", 50, words)


async def test_a_plugin_says_that_nobody_knows_whether_it_was_written(peer: Peer, journal: Path) -> None:
    class Unanswered(Tank):
        async def write(self, channel_id: str, value: float) -> None:
            raise OutcomeUnknownError("sent, but not answered")

    async with commanded(peer, journal, tank(Unanswered())) as connection:
        await connection.command("1", PUMP, 1)
        assert await connection.result() == result("1", "outcome_unknown", 50, "sent, but not answered")


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (OSError("gone"), "written, but it could not be read back: OSError: gone"),
        ([], "written, but it could not be read back: the device gives no value"),
        ([Sample("pump", 1, Quality.BAD)], "written, but it could not be read back: the device gives no value"),
    ],
)
async def test_what_cannot_be_read_back_is_not_done(
    peer: Peer, journal: Path, samples: Exception | Sequence[Sample], words: str
) -> None:
    class Blind(Tank):
        async def read(self) -> Sequence[Sample]:
            if "write pump 1" not in self.calls:
                return await super().read()
            if isinstance(samples, Exception):
                raise samples
            return samples

    async with commanded(peer, journal, tank(Blind())) as connection:
        await connection.command("1", PUMP, 1)
        assert await connection.result() == result("1", "outcome_unknown", None, words)


async def test_a_device_that_is_not_reached_takes_no_commands(peer: Peer, journal: Path) -> None:
    class Away(Gate):
        async def connect(self) -> None:
            raise PluginError("no answer")

    gate = Away()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1)
        assert (await connection.result())["error"] == "T is not running (failed): no answer"
        assert gate.writes == []


async def test_a_command_waits_for_a_device_that_is_being_connected(peer: Peer, journal: Path) -> None:
    gate = opened()
    gate.readable.clear()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1)
        await connection.command("2", NOBODYS, 1)
        assert (await connection.result())["id"] == "2"
        gate.readable.set()
        assert await connection.result() == result("1", "done", 1)


async def test_nothing_moves_an_output_that_has_been_made_safe(peer: Peer, journal: Path) -> None:
    gate = Gate()
    async with controller(peer, journal, tank(gate)) as stop:
        connection = await peer.connection()
        await connection.welcome()
        await connection.command("1", PUMP, 1)
        await gate.writing.wait()
        await connection.command("2", PUMP, 2)
        await connection.command("3", NOBODYS, 2)
        await connection.result()
        stop.set()
        gate.open.set()
        await connection.command("4", PUMP, 4)
        assert await connection.result() == result("1", "done", 1)
    assert gate.writes == ["pump 1", "pump 5"]
    assert gate.calls[-1] == "disconnect"


async def test_a_write_that_hangs_when_the_controller_stops_is_told_at_the_next_start(
    peer: Peer, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webmacs_controller.commands.desk.FINISH_SECONDS", 0.05)
    gate = Gate()

    async with controller(peer, journal, tank(gate)) as stop:
        connection = await peer.connection()
        await connection.welcome()
        await connection.command("1", PUMP, 1)
        await gate.writing.wait()
        stop.set()
        while "pump 5" not in gate.writes:
            gate.writing.clear()
            await gate.writing.wait()
            gate.open.set()
            await asyncio.sleep(0)
    gate = opened()
    async with commanded(peer, journal, tank(gate)) as connection:
        answer = await connection.result()
        assert (answer["id"], answer["state"], answer["value"]) == ("1", "outcome_unknown", 50)
        assert gate.writes == []


async def test_what_was_begun_for_a_device_that_does_not_come_back_is_answered_too(
    peer: Peer, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor_module, "RECOVER_SECONDS", 0.02)
    begin(journal, "1", ("T", "pump"))
    begin(journal, "2", ("Sold", "pump"))
    stuck = Stuck()
    async with commanded(peer, journal, Instance("T", stuck, 60)) as connection:
        answers = {answer["id"]: answer for answer in [await connection.result(), await connection.result()]}
        stuck.release.set()
    assert {answer["state"] for answer in answers.values()} == {"outcome_unknown"}
    assert answers["1"]["error"].endswith("; T is not running")
    assert answers["2"]["error"].endswith("; its output is not configured any more")


@pytest.fixture
def full_disk() -> Iterator[Callable[[], None]]:
    """Call it, and no file can grow any more until the end of the test."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


async def test_on_a_full_disk_nothing_is_done_until_there_is_room(
    peer: Peer, journal: Path, full_disk: Callable[[], None]
) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    gate = opened()
    async with commanded(peer, journal, tank(gate)) as connection:
        await connection.command("1", PUMP, 1)
        await connection.result()
        full_disk()
        await connection.command("2", PUMP, 2)
        answer = await connection.result()
        assert (answer["state"], answer["value"]) == ("failed", None)
        assert "cannot be used" in answer["error"]
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        await connection.command("3", PUMP, 3)
        assert (await connection.result())["state"] == "done"
        assert gate.writes == ["pump 1", "pump 3"]


async def test_a_disk_that_is_full_after_the_write_leaves_the_outcome_open(
    peer: Peer, journal: Path, full_disk: Callable[[], None]
) -> None:
    class Filling(Tank):
        async def write(self, channel_id: str, value: float) -> None:
            await super().write(channel_id, value)
            full_disk()

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with commanded(peer, journal, tank(Filling())) as connection:
        await connection.command("1", PUMP, 1)
        answer = await connection.result()
        assert (answer["state"], answer["value"]) == ("outcome_unknown", 1)
        assert "written and read back, but not noted" in answer["error"]
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    async with commanded(peer, journal, tank(Tank())) as connection:
        answer = await connection.result()
        # nor could it be noted that the outputs were left at their safe values
        assert (answer["id"], answer["state"], answer["value"]) == ("1", "outcome_unknown", 5)


def begin(journal: Path, command_id: str, source: tuple[str, str]) -> None:
    kept = Journal(journal)
    kept.begin(command_id, source, 1)
    kept.close()
