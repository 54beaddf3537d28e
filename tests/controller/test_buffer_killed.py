"""kill -9 of the real process: what is older than the flush time arrives, counted. And a disk that is full."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from webmacs_controller.storage.contents import read_contents
from webmacs_controller.storage.errors import StoreError

from tests.controller import process
from tests.controller.peer import Connection, Message, Peer
from tests.controller.process import Controller, measured_in, until

FLUSH_SECONDS = 1.0
SLACK_SECONDS = 4.0
"""That this machine may be busy; test_buffer_lanes.py counts exactly, in a time of its own."""

INTERVAL = 0.01
SETTINGS = f"[buffer]\nflush_seconds = {FLUSH_SECONDS}\n"


class Plant:
    """A controller that counts, in one process after the other, and what its server has got."""

    def __init__(self, folder: Path, peer: Peer) -> None:
        self.folder = folder
        self.peer = peer
        self.file = folder / "controller.buffer"
        self.received: list[int] = []
        self.killed_at: list[float] = []
        self.controller: Controller | None = None

    async def start(self, more: str = "", *before: str) -> None:
        process.prepare(self.folder, self.peer.url, "token", "counter", INTERVAL, SETTINGS + more)
        self.controller = await process.start(self.folder, *before)

    async def kill(self) -> None:
        assert self.controller is not None
        self.killed_at.append(time.monotonic())
        self.controller.kill()
        await self.controller.died()

    def make_room(self, disk: Path) -> None:
        """On the small disk that the controller sees."""
        assert self.controller is not None
        Path(f"/proc/{self.controller.process.pid}/root{disk}/filler").unlink()

    @property
    def kept(self) -> int:
        """Points on disk."""
        try:
            return read_contents(self.file).points
        except StoreError:
            return 0

    @property
    def may_be_lost(self) -> set[int]:
        """Values that were young when the process was killed."""
        measured = measured_in(self.folder).items()
        age = FLUSH_SECONDS + SLACK_SECONDS
        return {value for value, at in measured if any(killed - age < at < killed for killed in self.killed_at)}

    def note(self, frame: Message) -> None:
        self.received += [round(point["value"]) for point in frame.get("datapoints", [])]


@pytest.fixture
async def plant(peer: Peer, tmp_path: Path) -> AsyncIterator[Plant]:
    plant = Plant(tmp_path, peer)
    yield plant
    if plant.controller is not None and plant.controller.process.returncode is None:
        await plant.kill()


@asynccontextmanager
async def answering(plant: Plant, connection: Connection) -> AsyncIterator[None]:
    """Acknowledge all that comes."""

    async def answer() -> None:
        async for frame in connection.frames_until_cut():
            plant.note(frame)
            await connection.try_to_send(type="ack", seq=frame["seq"])

    task = asyncio.create_task(answer())
    yield
    task.cancel()
    await asyncio.wait([task])


async def test_what_is_older_than_the_flush_time_survives(plant: Plant) -> None:
    """Killed with the server away, with a server that does not answer, and in the middle of sending a backlog."""
    plant.peer.refuse = 503
    await plant.start()
    await until(lambda: plant.kept > 200)
    await plant.kill()
    plant.peer.refuse = None
    await plant.start()
    connection = await plant.peer.connection()
    await connection.welcome()
    await until(lambda: plant.kept > 400)
    await plant.kill()
    await plant.start()
    connection = await plant.peer.connection()
    await connection.welcome()
    for _ in range(2):
        frame = await connection.receive()
        plant.note(frame)
        await connection.ack(frame["seq"])
    await plant.kill()
    await plant.start()
    connection = await plant.peer.connection()
    await connection.welcome()
    async with answering(plant, connection):
        last = len(measured_in(plant.folder))
        await until(lambda: last in plant.received and plant.kept == 0)
    assert set(range(1, last)) - set(plant.received) <= plant.may_be_lost
    assert len(plant.may_be_lost) < last


async def test_what_is_acknowledged_is_never_sent_again_and_nothing_written(plant: Plant) -> None:
    """While the server answers, flash is spared."""
    await plant.start()
    connection = await plant.peer.connection()
    await connection.welcome()
    async with answering(plant, connection):
        await until(lambda: len(plant.received) > 300)
    assert len(set(plant.received)) == len(plant.received)
    assert plant.kept == 0


def with_a_small_disk(folder: Path) -> list[str]:
    """A program that mounts one there, nearly full, and executes what follows."""
    share = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    script = 'mount -t tmpfs -o size=1m tmpfs "$0" && head -c 950000 /dev/zero > "$0/filler" && exec "$@"'
    return [*share, "sh", "-c", script, str(folder)]


def can_mount(folder: Path) -> bool:
    """Containers may not."""
    return shutil.which("unshare") is not None and subprocess.run([*with_a_small_disk(folder), "true"]).returncode == 0


async def test_a_full_disk_stops_neither_measuring_nor_sending(plant: Plant) -> None:
    disk = plant.folder / "disk"
    disk.mkdir()
    if not can_mount(disk):
        pytest.skip("file systems cannot be mounted here")
    log = plant.folder / "log"
    await plant.start('file = "disk/buffer"\n', *with_a_small_disk(disk))
    connection = await plant.peer.connection()  # of a server that does not answer yet
    await until(lambda: "cannot be used: database or disk is full" in log.read_text())
    await connection.welcome()
    async with answering(plant, connection):
        last = len(measured_in(plant.folder))
        await until(lambda: last in plant.received)
    plant.make_room(disk)
    connection.cut()
    await until(lambda: "the buffer on disk works again" in log.read_text())
