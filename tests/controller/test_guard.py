"""The real processes, of which one or the other is killed or stands still."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import groupby
from pathlib import Path

import psutil
import pytest

from tests.controller import process
from tests.controller.peer import Connection, Peer
from tests.controller.process import PATIENCE, PUMP, Controller, effects_in, until


class Site:
    """A controller with a pump that may be left alone for a while."""

    def __init__(self, folder: Path, peer: Peer) -> None:
        self.folder = folder
        self.peer = peer
        self.before: Sequence[str] = ()
        self.controller: Controller | None = None

    async def start(self, safe_after_seconds: float | None, *before: str) -> Connection:
        process.prepare(self.folder, self.peer.url, "token")
        process.configure(self.folder, safe_after_seconds, *self.before)
        self.controller = await process.start(self.folder, *before)
        return await self.connected()

    async def connected(self) -> Connection:
        connection = await self.peer.connection()
        await connection.welcome()
        return connection

    async def pumping(self, connection: Connection, value: float = 7) -> None:
        """As commanded."""
        await connection.command(str(value), PUMP, value)
        while (answer := await connection.result())["id"] != str(value):  # older answers are repeated
            pass
        assert answer["state"] == "done"

    @property
    def guard(self) -> psutil.Process:
        assert self.controller is not None
        return psutil.Process(self.controller.process.pid)

    @property
    def child(self) -> psutil.Process:
        [child] = self.guard.children()
        return child

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def says(self, words: str) -> bool:
        return words in self.log

    def effects(self, *values: float) -> bool:
        return effects_in(self.folder) == list(values)

    def moves(self) -> list[float]:
        """Its effects; the same once, for each process sets anew what has to be safe."""
        return [value for value, _ in groupby(effects_in(self.folder))]


@pytest.fixture
async def site(peer: Peer, tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path, peer)
    yield site
    if site.controller is not None:
        with suppress(ProcessLookupError):
            site.controller.kill()
        await site.controller.process.wait()


async def test_killed_it_begins_anew_and_no_output_moves_that_may_stay(site: Site) -> None:
    connection = await site.start(60)
    await site.pumping(connection)
    killed = site.child
    killed.kill()
    connection = await site.connected()
    assert site.child.pid != killed.pid
    assert "the controller's process was ended by SIGKILL; it begins anew in 0 s" in site.log
    await site.pumping(connection, 8)
    assert site.effects(7, 8)


async def test_killed_without_a_server_outputs_are_safe_after_their_time_out(site: Site) -> None:
    connection = await site.start(3)
    await site.pumping(connection)
    site.peer.refuse = 503
    site.child.kill()
    await until(lambda: site.effects(7, 0))
    assert "Tank/pump has to go to its safe value 0: the server was not heard for 3 s" in site.log


async def test_killed_again_and_again_time_goes_on(site: Site) -> None:
    """Each process is killed before it could make anything safe, or hear the server."""
    connection = await site.start(3)
    await site.pumping(connection)
    site.peer.refuse = 503
    for wait in ("0 s", "0.25 s", "0.75 s"):
        await until(lambda: len(site.guard.children()) == 1)
        site.child.kill()
        await until(partial(site.says, f"was ended by SIGKILL; it begins anew in {wait}"))
    await until(lambda: site.effects(7, 0))


async def test_told_to_stop_after_a_crash_it_makes_outputs_safe_first(site: Site) -> None:
    """While there is no process that measures: the guard waits, because the last ones lived so short."""
    connection = await site.start(None)
    await site.pumping(connection)
    for wait in ("0 s", "0.25 s", "0.75 s", "1.75 s"):
        await until(lambda: len(site.guard.children()) == 1)
        site.child.kill()
        await until(partial(site.says, f"was ended by SIGKILL; it begins anew in {wait}"))
    site.guard.terminate()
    assert site.controller is not None
    assert await site.controller.process.wait() == 0
    assert site.effects(7, 0)


async def test_without_its_guard_it_makes_outputs_safe_and_ends(site: Site) -> None:
    connection = await site.start(None)
    await site.pumping(connection)
    child = site.child
    site.guard.kill()
    await asyncio.to_thread(psutil.wait_procs, [child], PATIENCE)
    assert not child.is_running()
    assert site.effects(7, 0)


async def test_both_killed_the_next_start_makes_outputs_safe(site: Site) -> None:
    connection = await site.start(3600)
    await site.pumping(connection)
    assert site.controller is not None
    site.controller.kill()
    await site.controller.died()
    await site.start(3600)
    await until(lambda: site.effects(7, 0))
    assert "the controller had ended before they were safe (killed, or the power cut)" in site.log


async def test_what_may_stay_for_ever_stays_also_then(site: Site) -> None:
    connection = await site.start(None)
    await site.pumping(connection)
    assert site.controller is not None
    site.controller.kill()
    await site.controller.died()
    connection = await site.start(None)
    await site.pumping(connection, 8)
    assert site.effects(7, 8)


async def test_a_crash_says_where(site: Site) -> None:
    """As a driver in C may bring it about."""
    await site.start(60)
    site.child.send_signal(signal.SIGSEGV)
    await until(partial(site.says, "was ended by SIGSEGV; it begins anew"))
    assert "Fatal Python error: Segmentation fault" in site.log
    assert "Current thread" in site.log
    await site.connected()


IMPATIENT = (
    "from webmacs_controller.guard import guard; guard.HANG_SECONDS = 3.0; import sys; sys.argv = sys.argv[1:]; "
)
IMPATIENT += (
    "from webmacs_controller.guard import witness; witness.LOOK_SECONDS = 0.2; "
    "from webmacs_controller.safety import troubles; troubles.STAND_BACK_SECONDS = 1.0; "
)
IMPATIENT += "from webmacs_controller.cli.main import main; main()"


async def test_one_that_stands_still_is_killed_and_begins_anew(site: Site) -> None:
    connection = await site.start(60, sys.executable, "-c", IMPATIENT)
    await site.pumping(connection)
    stopped = site.child
    stopped.send_signal(signal.SIGSTOP)
    await site.connected()
    assert site.child.pid != stopped.pid
    assert "gives no sign of life, it is killed" in site.log


@pytest.mark.parametrize("call", ["connect", "read"])
async def test_one_that_holds_up_all_others_keeps_no_output_from_being_safe_and_is_left_out(
    site: Site, call: str
) -> None:
    """A plugin stops the event loop, again and again, as soon as it is called."""
    site.before = ("Blocker",)
    connection = await site.start(2, sys.executable, "-c", IMPATIENT)
    await site.pumping(connection)
    site.peer.refuse = 503
    (site.folder / "blocking").write_text(call)
    site.child.kill()
    await until(lambda: site.moves() == [7, 0])
    await until(partial(site.says, "is left out until its settings are changed or the controller is started again"))
    site.peer.refuse = None
    connection = await site.connected()
    await site.pumping(connection, 8)
    assert site.moves() == [7, 0, 8]
    assert site.log.count("Blocker holds up the controller and all other instances") == 3
    assert "process.py" in site.log.split("does not return from", 1)[1].splitlines()[0]
    calls = (site.folder / "calls").read_text().split().count(call)
    site.guard.terminate()
    assert site.controller is not None
    assert await site.controller.process.wait() == 0
    assert site.moves() == [7, 0, 8, 0]
    assert (site.folder / "calls").read_text().split().count(call) == calls


async def test_a_driver_that_lets_no_other_thread_run_is_found_in_the_log(site: Site) -> None:
    """As one in C does that keeps the interpreter's lock: nothing of Python is left to look."""
    site.before = ("Blocker",)
    impatient = "from webmacs_controller.guard import pulse; pulse.STILL_SECONDS = 2.0; " + IMPATIENT
    await site.start(60, sys.executable, "-c", impatient)
    (site.folder / "blocking").write_text("hold read")
    await until(partial(site.says, "gives no sign of life, it is killed"))
    assert "holds up the controller" not in site.log
    stood = site.log.split("Timeout (0:00:02)!", 1)[1]
    assert "process.py" in stood
    assert "in read" in stood


async def test_systemd_is_told(site: Site) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(site.folder / "notify"))
        systemd.settimeout(PATIENCE)
        # for it alone: a sidecar of other tests in this process would notify, too
        await site.start(60, "env", f"NOTIFY_SOCKET={site.folder / 'notify'}")
        assert await asyncio.to_thread(systemd.recv, 100) == b"READY=1\nWATCHDOG=1"
        os.kill(site.guard.pid, signal.SIGTERM)
        assert site.controller is not None
        assert await site.controller.process.wait() == 0
        told = b""
        while told != b"STOPPING=1":
            told = await asyncio.to_thread(systemd.recv, 100)
