"""When a new version has proved itself: as well as the one before, for long enough."""

import asyncio
from pathlib import Path

import msgspec
import pytest
from webmacs_controller.updates import launcher, watch
from webmacs_controller.updates.launcher import CURRENT, OUTCOME
from webmacs_controller.updates.watch import BEFORE, Before, Health, Watch, complaints

from tests.support.updates import Maker
from tests.updates.versions import begun, bundle, installation

ALL_WELL = Health(True, 5, frozenset({"Rack"}))
SILENT = Health(True, 0, frozenset({"Rack"}))


@pytest.mark.parametrize(
    ("before", "now", "flowing", "said"),
    [
        (Before(), ALL_WELL, True, []),
        (Before(), ALL_WELL, False, ["no values reach the server"]),
        (Before(), Health(False, 5, frozenset()), True, ["the server is not reached"]),
        (Before(False, False), Health(False, 0, frozenset()), False, []),
        (Before(working=frozenset({"Rack", "Bus"})), ALL_WELL, True, ["Bus does not work"]),
        (Before(working=frozenset()), ALL_WELL, True, []),
    ],
)
def test_what_is_demanded(before: Before, now: Health, flowing: bool, said: list[str]) -> None:
    """What did not work before, need not; so an update without a server, or with a broken device, comes about."""
    assert complaints(before, now, flowing) == said


class Machine:
    """With version 2.0 on probation, which must be well for a second; its watch has a clock of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.now = 0.0
        self.stored = 0
        self.name = launcher.link_target(folder, CURRENT) or ""
        monkeypatch.setattr(watch, "running_version", lambda _: self.name)
        monkeypatch.setattr(watch, "LOOK_SECONDS", 0.0)
        self.watch = Watch(installation(folder), lambda: self.now)

    async def live(self, *moments: Health, step: float = 0.5) -> None:
        """One look at each of these, so many seconds apart."""
        left, last, done = list(moments), moments[-1], asyncio.Event()

        def health() -> Health:
            self.now += step
            if not left:
                done.set()
            return left.pop(0) if left else last

        task = asyncio.create_task(self.watch.run(health))
        await asyncio.wait_for(done.wait(), 10)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    @property
    def is_on_probation(self) -> bool:
        return launcher.probation(self.folder) is not None


def well(stored: int) -> Health:
    return Health(True, stored, frozenset({"Rack"}))


@pytest.fixture
def machine(maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    folder = begun(maker, tmp_path / "machine")
    installation(folder).install(bundle(maker, 2))
    return Machine(folder, monkeypatch)


async def test_well_for_long_enough(machine: Machine) -> None:
    await machine.live(well(1), well(2))
    assert machine.is_on_probation
    await machine.live(well(3), well(4))
    assert not machine.is_on_probation
    assert (launcher.read(machine.folder / OUTCOME) or {})["state"] == "completed"


async def test_silence_is_not_well(machine: Machine) -> None:
    await machine.live(*[SILENT] * 20)
    assert machine.is_on_probation


async def test_a_break_begins_it_anew(machine: Machine) -> None:
    await machine.live(well(1), Health(False, 1, frozenset()), well(2), Health(False, 2, frozenset()), well(3), well(4))
    assert machine.is_on_probation


async def test_values_that_cease(machine: Machine) -> None:
    await machine.live(well(1), *[well(1)] * 3, step=40)
    assert machine.is_on_probation


async def test_without_a_server_if_there_was_none(machine: Machine) -> None:
    before = Before(connected=False, flowing=False, working=frozenset({"Rack"}))
    launcher.write(machine.folder / BEFORE, msgspec.to_builtins(before))
    away = Health(False, 0, frozenset({"Rack"}))
    await machine.live(*[Health(False, 0, frozenset())] * 9)
    assert machine.is_on_probation
    await machine.live(*[away] * 4)
    assert not machine.is_on_probation


async def test_one_that_is_not_on_probation_judges_nothing(machine: Machine) -> None:
    machine.name = "1-1.0-00000000"
    machine.watch = Watch(installation(machine.folder), lambda: machine.now)
    await machine.live(*[well(number) for number in range(9)])
    assert machine.is_on_probation


def test_the_version_before_says_how_it_was(machine: Machine) -> None:
    machine.watch.leave(well(7))
    assert not (machine.folder / BEFORE).exists()
    machine.name = "1-1.0-00000000"
    machine.watch = Watch(installation(machine.folder), lambda: machine.now)
    machine.watch.leave(well(7))
    noted = msgspec.json.decode((machine.folder / BEFORE).read_bytes(), type=Before)
    assert noted == Before(True, True, frozenset({"Rack"}))


async def test_a_controller_that_is_not_updated(tmp_path: Path) -> None:
    """It costs a task that waits."""
    idle = Watch()
    idle.leave(well(1))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(idle.run(lambda: well(1)), 0.05)
    elsewhere = Watch(installation(tmp_path))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(elsewhere.run(lambda: well(1)), 0.05)
