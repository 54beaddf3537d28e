"""Watchdogs are fed while all is well, with everybody, in a time that the test turns."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from webmacs_controller.clock.clock import Clock
from webmacs_controller.configuration.fleet import Fleet
from webmacs_controller.configuration.settings import ChannelSettings, InstanceSettings
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.safety.safeguard import SILENT_SECONDS, Safeguard
from webmacs_controller.safety.tie import Tie
from webmacs_controller.safety.wellness import complaints
from webmacs_controller.sdk import Plugin
from webmacs_controller.storage.errors import StoreError
from webmacs_controller.transport.keeper import Keeper

from tests.controller.rack import Rack
from tests.controller.turned import let_pass, settle, turned


class Dog(Rack):
    """Counts its meals; `choking` makes one last for ever."""

    def __init__(self) -> None:
        super().__init__()
        self.meals = 0
        self.choking = False

    async def alive(self) -> None:
        self.meals += 1
        if self.choking:
            await asyncio.Event().wait()


class Kennel:
    """A dog, and a rack beside it, read once an hour and once a second."""

    def __init__(self) -> None:
        now = asyncio.get_running_loop().time()
        self.plugins = {"Dog": Dog(), "Rack": Rack()}
        self.dog = self.plugins["Dog"]
        self.rack = self.plugins["Rack"]
        self.disk: list[str] = []
        safeguard = Safeguard(Tie("the server was not heard", now, SILENT_SECONDS))
        self.server = safeguard.server
        self.fleet = Fleet(Newest(), lambda _: None, self._make, Clock(), safeguard)
        safeguard.complaints = lambda: complaints(self.fleet.stations(), self.disk)
        self.want(True)

    def want(self, rack: bool) -> None:
        pumps = [ChannelSettings(channel=key, safe_after_seconds=20) for key in "ab"]
        self.fleet.carry_out(
            self.fleet.plan(
                [
                    InstanceSettings(name="Dog", plugin="rack", interval_seconds=3600),
                    InstanceSettings(name="Rack", plugin="rack", enabled=rack, interval_seconds=1, channels=pumps),
                ]
            )
        )

    def _make(self, settings: InstanceSettings) -> Plugin[Any]:
        return self.plugins[settings.name]

    async def is_fed(self, seconds: float = 30, *, heard: bool = True) -> bool:
        """In the last of these seconds."""
        await let_pass(seconds, self.server.seen if heard else None)
        assert isinstance(self.dog, Dog)
        before = self.dog.meals
        await let_pass(2, self.server.seen if heard else None)
        return self.dog.meals > before


@turned
async def test_it_is_fed_between_readings_that_are_an_hour_apart() -> None:
    kennel = Kennel()
    assert await kennel.is_fed(300)
    await kennel.fleet.release(1)


def silence(kennel: Kennel) -> Iterator[None]:
    kennel.rack.away = True
    yield
    kennel.rack.away = False


def hanging(kennel: Kennel) -> Iterator[None]:
    kennel.rack.held.clear()
    yield
    kennel.rack.held.set()


def stuck(kennel: Kennel) -> Iterator[None]:
    """It has to be safe, because the server is lost, and cannot."""
    kennel.rack.stuck = {"a"}
    yield
    kennel.rack.stuck = set()


def full_disk(kennel: Kennel) -> Iterator[None]:
    kennel.disk = ["the disk is full"]
    yield
    kennel.disk = []


@pytest.mark.parametrize(
    ("fault", "heard", "words"),
    [
        (silence, True, "Rack, which has outputs, does not work"),
        (hanging, True, "Rack, which has outputs, was not read for"),
        (stuck, False, "Rack/a is not at its safe value"),
        (full_disk, True, "the disk is full"),
    ],
)
def test_it_starves_when_another_part_is_not_well(
    fault: Callable[[Kennel], Iterator[None]], heard: bool, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    @turned
    async def run() -> None:
        kennel = Kennel()
        assert await kennel.is_fed(5)
        lasting = fault(kennel)
        next(lasting)
        kennel.server.lost()
        assert not await kennel.is_fed(29, heard=heard)
        next(lasting, None)
        assert await kennel.is_fed(60)
        await kennel.fleet.release(1)

    run()
    assert f"watchdogs are not fed any more: {words}" in caplog.text
    assert caplog.text.count("watchdogs are not fed any more") == 1


@turned
async def test_without_a_server_it_is_fed_as_long_as_outputs_are_safe() -> None:
    kennel = Kennel()
    assert await kennel.is_fed(600, heard=False)
    assert kennel.rack.outputs == {"a": 0, "b": 1}
    await kennel.fleet.release(1)


@turned
async def test_what_was_disabled_and_is_not_safe_starves_it() -> None:
    kennel = Kennel()
    assert await kennel.is_fed(5)
    kennel.rack.away = True
    await let_pass(2, kennel.server.seen)
    kennel.want(False)
    assert not await kennel.is_fed()
    kennel.rack.away = False
    assert await kennel.is_fed()
    await kennel.fleet.release(1)


@turned
async def test_a_meal_that_hangs_holds_up_nobody_else(caplog: pytest.LogCaptureFixture) -> None:
    kennel = Kennel()
    assert isinstance(kennel.dog, Dog)
    kennel.dog.choking = True
    await settle()
    await let_pass(20, kennel.server.seen)
    assert kennel.fleet.loops["Rack"].station().age <= 1
    await let_pass(20, kennel.server.seen)
    assert "Dog: feeding the watchdog took longer than 30 s" in caplog.text
    kennel.dog.choking = False
    assert await kennel.is_fed()
    await kennel.fleet.release(1)


@turned
async def test_a_disk_that_fails_or_hangs_is_not_well() -> None:
    answers: list[Exception | None] = [StoreError("full"), None]
    hanging = asyncio.Event()

    async def work() -> None:
        answer = answers.pop(0) if answers else await hanging.wait()
        if isinstance(answer, Exception):
            raise answer

    keeper = Keeper(lambda: asyncio.get_running_loop().time() + (1 if hanging.is_set() else 0), work)
    running = asyncio.create_task(keeper.run())
    await settle()
    assert not keeper.is_well
    await let_pass(5.1)
    assert keeper.is_well
    await let_pass(31)
    assert not keeper.is_well
    hanging.set()
    await settle()
    assert keeper.is_well
    running.cancel()
