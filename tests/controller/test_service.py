"""Stopping is quick and honest, also when nothing plays along."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from webmacs_controller import service
from webmacs_controller.commands.journal import Journal
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.token import TokenStore

from tests.controller.devices import Stuck, Tank
from tests.controller.fleets import setup_of
from tests.controller.peer import Peer


@asynccontextmanager
async def serving(peer: Peer, buffer: Buffer, *instances: Instance) -> AsyncIterator[None]:
    """Leaving it stops the controller and waits until it has stopped."""
    stop = asyncio.Event()
    with TemporaryDirectory() as folder:
        journal, setup = Journal(Path(folder) / "journal"), setup_of(*instances)
        task = asyncio.create_task(service.serve(peer.url, TokenStore("t", None), setup, buffer, journal, stop))
        yield
        stop.set()
        async with asyncio.timeout(30):
            await task


async def test_a_server_that_does_not_acknowledge_is_not_waited_for_and_what_it_lacks_is_on_disk(
    peer: Peer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "FLUSH_SECONDS", 0.05)
    caplog.set_level("INFO")
    buffer = Buffer(100)
    async with serving(peer, buffer, Instance("T", Tank(), 60)):
        connection = await peer.connection()
        await connection.welcome()
        await connection.receive()
    # two channels at the first reading, two at the last, when the output had been set to its safe value
    assert "4 points wait on disk for the next start" in caplog.text
    assert await connection.closed() == 1000


async def test_a_device_that_hangs_is_left_behind_and_the_others_are_safe(
    peer: Peer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RELEASE_SECONDS", 0.1)
    monkeypatch.setattr(service, "FLUSH_SECONDS", 0.05)
    tank, stuck = Tank(), Stuck()
    async with serving(peer, Buffer(100), Instance("S", stuck, 60), Instance("T", tank, 60)):
        await tank.reads.wait()
        await asyncio.to_thread(stuck.reading.wait, 5)
    assert tank.calls[-3:] == ["write pump 5", "read", "disconnect"]
    assert "1 of 2 do not end within 0.1 s and are left behind" in caplog.text
    stuck.release.set()


async def test_what_was_measured_last_is_acknowledged_before_it_ends(
    peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    buffer = Buffer(100)
    newest: dict[str, float] = {}

    async def answer() -> None:
        connection = await peer.connection()
        await connection.welcome()
        async for frame in connection.frames():
            newest.update({point["event_public_id"]: point["value"] for point in frame["datapoints"]})
            await connection.ack(frame["seq"])

    answering = asyncio.create_task(answer())
    async with serving(peer, buffer, Instance("T", Tank(), 60)):
        await buffer.until(lambda: buffer.oldest is not None)
    await answering
    assert newest["event:T:pump"] == 5
    assert len(buffer) == 0
    assert "are lost" not in caplog.text
