"""What a controller finds of an earlier process, and what it does to outputs first."""

import asyncio
import socket
from pathlib import Path

import pytest
from webmacs_controller import service
from webmacs_controller.commands.journal import Journal
from webmacs_controller.guard.pulse import Pulse
from webmacs_controller.safety.past import Past
from webmacs_controller.sdk import PluginError
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.token import TokenStore

from tests.controller.commanding import controller, tank
from tests.controller.devices import Tank
from tests.controller.fleets import setup_of
from tests.controller.peer import Peer

pytestmark = pytest.mark.usefixtures("no_long_flush")
PUMP = ("T", "pump")


def left(journal: Path, *, clean: bool, unfinished: bool = False) -> None:
    """As an earlier process has left it."""
    kept = Journal(journal)
    kept.start()
    if unfinished:
        kept.owe([(PUMP, 5.0, "the server was not heard for 60 s")])
    if clean:
        kept.stop()
    kept.close()


async def begun(peer: Peer, journal: Path) -> list[str]:
    """The first calls to a device whose controller has just begun."""
    plugin = Tank()
    async with controller(peer, journal, tank(plugin)):
        await (await peer.connection()).welcome()
        await plugin.reads.wait()
    return plugin.calls[:2]


async def test_after_a_clean_end_nothing_is_written(peer: Peer, journal: Path) -> None:
    left(journal, clean=True)
    assert await begun(peer, journal) == ["connect", "read"]


async def test_after_an_end_that_was_not_the_first_thing_is_the_safe_value(peer: Peer, journal: Path) -> None:
    left(journal, clean=False)
    assert await begun(peer, journal) == ["connect", "write pump 5"]
    assert await begun(peer, journal) == ["connect", "read"]


async def test_what_a_process_never_reached_was_touched_by_the_one_before(
    peer: Peer, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins anew after a crash, and stops before the device is back."""

    class Away(Tank):
        async def connect(self) -> None:
            raise PluginError("no answer")

    monkeypatch.setattr(service, "RELEASE_SECONDS", 0.1)
    left(journal, clean=False)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    stop = asyncio.Event()
    pulse = Pulse(theirs, Past(asyncio.get_running_loop().time()))
    setup, kept = setup_of(tank(Away())), Journal(journal)
    task = asyncio.create_task(service.serve(peer.url, TokenStore("t", None), setup, Buffer(100), kept, stop, pulse))
    await (await peer.connection()).welcome()
    stop.set()
    await task
    ours.close()
    theirs.close()
    assert await begun(peer, journal) == ["connect", "write pump 5"]


async def test_what_was_begun_is_finished(peer: Peer, journal: Path, caplog: pytest.LogCaptureFixture) -> None:
    left(journal, clean=True, unfinished=True)
    assert await begun(peer, journal) == ["connect", "write pump 5"]
    assert "T/pump has to go to its safe value 5: the controller was killed before it was there" in caplog.text
    assert await begun(peer, journal) == ["connect", "read"]


async def test_a_journal_in_use_by_another_controller_moves_nothing(peer: Peer, journal: Path) -> None:
    other = Journal(journal)
    other.start()
    assert await begun(peer, journal) == ["connect", "read"]
    other.close()


async def test_a_controller_whose_part_fails_makes_outputs_safe_and_fails(peer: Peer, journal: Path) -> None:
    """So that its guard begins another."""

    class Broken(TokenStore):
        def read(self) -> str:
            raise ZeroDivisionError("nobody thought of that")

    plugin = Tank()
    with pytest.raises(ZeroDivisionError):
        async with asyncio.timeout(10):
            await service.serve(
                peer.url, Broken("t", None), setup_of(tank(plugin)), Buffer(100), Journal(journal), asyncio.Event()
            )
    assert plugin.pump == 5 or "connect" not in plugin.calls
