"""What the server wants is fetched, installed and reported, over the processes that this takes."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from webmacs_controller.packages.download import BUNDLES, Source
from webmacs_controller.updates import launcher, updater
from webmacs_controller.updates.installation import Installation, Terms
from webmacs_controller.updates.launcher import CURRENT, VERSIONS
from webmacs_controller.updates.scratch import PREFIX
from webmacs_controller.updates.updater import Report, Updater

from tests.controller.wheelhouse import TOKEN, Wheelhouse, wheelhouse
from tests.support.updates import Maker
from tests.updates.versions import begun, bundle, installation, running


class Machine:
    """With version 1.0, and what it says to its server."""

    def __init__(self, folder: Path, house: Wheelhouse, it: Installation | None = None) -> None:
        self.folder = folder
        self.house = house
        self.installation = it or installation(folder)
        self.said: list[Report] = []
        self.begin()

    def begin(self) -> None:
        """As a new process does."""
        self.updater = Updater(self._note, self.installation, Source(self.house.url, lambda: TOKEN, BUNDLES))

    def _note(self) -> None:
        report = self.updater.report()
        if report is not None:
            self.said.append(report)

    async def until(self, *states: str) -> Report:
        """Runs until the last thing that it says is one of these."""
        task = asyncio.create_task(self.updater.run())
        try:
            async with asyncio.timeout(20):
                while not (self.said and self.said[-1].state in states):  # noqa: ASYNC110 - it says so by a call
                    await asyncio.sleep(0.01)
        finally:
            task.cancel()
            self.updater.stop()
        return self.said[-1]

    def is_clean(self) -> bool:
        return not list(self.folder.glob(".*.part"))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updater, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(updater, "FIRST_WAIT_SECONDS", 0.05)


@pytest.fixture
def house() -> Iterator[Wheelhouse]:
    with wheelhouse() as server:
        yield server


@pytest.fixture
async def machine(maker: Maker, tmp_path: Path, house: Wheelhouse) -> Machine:
    return Machine(begun(maker, tmp_path / "machine"), house)


def told(machine: Machine, path: Path, number: int, update: int = 7, **more: Any) -> dict[str, Any]:
    """As a welcome says it."""
    content = path.read_bytes()
    digest = machine.house.put(content)
    fields = {"id": update, "version": f"{number}.0", "counter": number, "size": len(content), "sha256": digest}
    return fields | {"file_name": path.name, "roll_back": False} | more


def prove(machine: Machine) -> None:
    note = launcher.probation(machine.folder)
    assert note is not None
    launcher.confirm(machine.folder, note)


def states(machine: Machine) -> list[str]:
    found: list[str] = []
    for report in machine.said:
        if found[-1:] != [report.state]:
            found.append(report.state)
    return found


async def test_from_the_wish_to_its_end(machine: Machine, maker: Maker) -> None:
    wanted = told(machine, bundle(maker, 2), 2)
    machine.updater.want(wanted)
    await machine.until("probation")
    assert running(machine.folder) == "2.0"
    assert states(machine) == ["downloading", "installing", "probation"]
    assert machine.is_clean()
    assert [path for path, _ in machine.house.asked] == [f"/base/ota/bundles/{wanted['sha256']}"]
    machine.begin()  # the new version
    machine.updater.want(wanted)
    await machine.until("probation")
    prove(machine)
    assert (await machine.until("completed")).id == 7
    assert len(machine.house.asked) == 1


async def test_what_was_left_of_others_is_thrown_away(machine: Machine, maker: Maker) -> None:
    """A download that nobody wants any more, and an examination that was killed."""
    (machine.folder / f".{'a' * 64}.part").write_text("x")
    (machine.folder / f"{PREFIX}x").mkdir()
    machine.begin()
    machine.updater.want(told(machine, bundle(maker, 2), 2))
    await machine.until("probation")
    assert machine.is_clean()
    assert not list(machine.folder.glob(f"{PREFIX}*"))


async def test_one_that_was_taken_back_says_why(machine: Machine, maker: Maker) -> None:
    wanted = told(machine, bundle(maker, 2), 2)
    machine.updater.want(wanted)
    await machine.until("probation")
    note = launcher.probation(machine.folder)
    assert note is not None
    launcher.go_back(machine.folder, note, "it said nothing")
    machine.begin()  # the version before
    machine.updater.want(wanted)
    report = await machine.until("rolled_back")
    assert report.detail == "it said nothing"
    machine.updater.want(wanted | {"id": 8})  # it is tried once more
    assert (await machine.until("probation")).id == 8
    assert running(machine.folder) == "2.0"


async def test_a_download_that_breaks_goes_on(machine: Machine, maker: Maker) -> None:
    machine.house.cut, path = 1000, bundle(maker, 2)
    machine.updater.want(told(machine, path, 2))
    await machine.until("probation")
    assert [asked for _, asked in machine.house.asked] == ["", "bytes=1000-"]
    assert [report.received for report in machine.said if "broke off after 1000 of" in report.detail] == [1000]
    assert machine.said[-1].received == len(path.read_bytes())


BAD: dict[str, tuple[str, Callable[[Maker], Path], dict[str, Any]]] = {
    "for another product": ("wrong_product: ", lambda maker: maker.bundle(2, product="webmacs-server"), {}),
    "not signed": ("wrong_signature: ", lambda maker: maker.bundle(2, signers=[]), {}),
    "too large": ("too_large: ", lambda maker: bundle(maker, 2), {"size": 6_000_000}),
}


@pytest.mark.parametrize(("words", "make", "more"), BAD.values(), ids=BAD.keys())
async def test_bad_ones(
    words: str, make: Callable[[Maker], Path], more: dict[str, Any], machine: Machine, maker: Maker
) -> None:
    before = sorted(path.name for path in (machine.folder / VERSIONS).iterdir())
    machine.updater.want(told(machine, make(maker), 2, **more))
    assert (await machine.until("failed")).detail.startswith(words)
    assert running(machine.folder) == "1.0"
    assert machine.is_clean()
    assert sorted(path.name for path in (machine.folder / VERSIONS).iterdir()) == before


async def test_one_that_is_withdrawn_while_it_arrives(machine: Machine, maker: Maker) -> None:
    wanted = told(machine, bundle(maker, 2), 2)
    machine.updater.want(wanted)
    machine.updater.want(None)
    task = asyncio.create_task(machine.updater.run())
    await asyncio.sleep(0.2)
    task.cancel()
    assert machine.updater.report() is None
    assert running(machine.folder) == "1.0"


async def test_rolling_back_what_was_completed(machine: Machine, maker: Maker) -> None:
    wanted = told(machine, bundle(maker, 2), 2)
    machine.updater.want(wanted)
    await machine.until("probation")
    prove(machine)
    machine.begin()
    machine.updater.want(wanted)
    await machine.until("completed")
    machine.updater.want(wanted | {"roll_back": True})
    assert (await machine.until("rolled_back")).detail == "somebody wanted it"
    assert running(machine.folder) == "1.0"
    assert launcher.probation(machine.folder) is None


async def test_one_that_waits_for_another(machine: Machine, maker: Maker) -> None:
    """Somebody installed one from a USB stick, which has to prove itself first."""
    installation(machine.folder, terms=Terms(5, 1, 300)).install(bundle(maker, 2))
    machine.updater.want(told(machine, bundle(maker, 3), 3))
    task = asyncio.create_task(machine.updater.run())
    await asyncio.sleep(0.5)
    assert running(machine.folder) == "2.0"
    prove(machine)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    machine.begin()
    machine.updater.want(told(machine, bundle(maker, 3), 3))
    await machine.until("probation")
    assert str(launcher.link_target(machine.folder, CURRENT)).startswith("3-3.0-")


async def test_what_was_installed_by_hand_is_completed(machine: Machine, maker: Maker) -> None:
    path = bundle(maker, 2)
    installation(machine.folder).install(path)
    prove(machine)
    machine.updater.want(told(machine, path, 2))
    await machine.until("completed")
    assert machine.house.asked == []


async def test_a_controller_that_is_not_set_up() -> None:
    said: list[str] = []
    it = Updater(lambda: said.append(f"{report.received}: {report.detail}" if (report := it.report()) else ""))
    it.want({"id": 1, "version": "1.0", "counter": 1, "size": 1, "sha256": "0" * 64})
    task = asyncio.create_task(it.run())
    await asyncio.sleep(0.05)
    task.cancel()
    assert said == ["0: This controller is not set up to be updated: updates.folder is empty in its controller.toml."]


@pytest.mark.parametrize(
    "wrong", [{"id": 0}, {"version": "../x"}, {"sha256": "../x"}, {"size": "x"}, {"counter": None}]
)
async def test_wishes_that_are_not_understood(wrong: dict[str, Any], machine: Machine, maker: Maker) -> None:
    machine.updater.want(told(machine, bundle(maker, 2), 2) | wrong)
    task = asyncio.create_task(machine.updater.run())
    await asyncio.sleep(0.1)
    task.cancel()
    assert machine.said == []
    assert machine.house.asked == []
