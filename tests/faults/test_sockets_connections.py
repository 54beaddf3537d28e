"""Connections that are cut, that never pause, and that send half of something."""

import asyncio
import json
from collections.abc import AsyncIterator

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.faults.conftest import MakeSender
from tests.faults.counting import missing_and_twice
from tests.faults.installation import Installation
from tests.faults.sender import Sender

PATIENCE = 120
MEGABYTE = 1024 * 1024


async def test_cut_again_and_again(installation: Installation, make_sender: MakeSender) -> None:
    sender = make_sender(300, 50, 40)
    shares = [step / 20 for step in range(1, 19)]
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.run())
        for share in shares:
            await sender.reached(share)
            sender.cut()
    assert sender.connections > 2
    assert missing_and_twice(installation, sender) == (0, 0)
    assert sender.points_acknowledged == 300 * 50


async def test_a_flood_without_pause(installation: Installation, make_sender: MakeSender) -> None:
    """Nothing is awaited between frames: the sidecar reads no more than it can hold, and all of it is stored."""
    frames, points = 1000, 100
    sender = make_sender(frames, points, frames)
    before = installation.sidecar.memory()
    async with asyncio.timeout(PATIENCE):
        await sender.run()
    assert missing_and_twice(installation, sender) == (0, 0)
    assert (sender.accepted, sender.duplicates, sender.rejected) == (frames * points, 0, 0)
    assert sender.connections == 1
    assert installation.sidecar.memory() - before < 60 * MEGABYTE


async def test_a_flood_and_a_trickle(installation: Installation, make_sender: MakeSender) -> None:
    """A second controller's frames are acknowledged while the first one floods, not after it."""
    flood, trickle = make_sender(1500, 100, 1500), make_sender(5, 1, 1)
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        tasks.create_task(flood.run())
        await flood.reached(0.02)
        await trickle.run()
        assert flood.acknowledged < len(flood.frames)
    for sender in (flood, trickle):
        assert missing_and_twice(installation, sender) == (0, 0)


async def test_half_a_frame_and_gone(installation: Installation, make_sender: MakeSender) -> None:
    sender = make_sender(1, 100, 1)
    for _ in range(3):
        await _send_half(sender)
    async with asyncio.timeout(PATIENCE):
        await sender.run()
    assert (sender.accepted, sender.duplicates) == (100, 0)


async def _send_half(sender: Sender) -> None:
    """Begin a message in fragments, and vanish before its end."""
    protocols = [Subprotocol("webmacs.v1"), Subprotocol(f"bearer.{sender.token}")]
    text = json.dumps({"seq": 0, "datapoints": sender.frames[0]})
    async with connect(f"ws://{sender.url}/ws/controller/telemetry", subprotocols=protocols, proxy=None) as socket:
        first = asyncio.Event()

        async def halves() -> AsyncIterator[str]:
            yield text[: len(text) // 2]
            first.set()
            await asyncio.Event().wait()
            yield text[len(text) // 2 :]

        sending = asyncio.create_task(socket.send(halves()))
        await first.wait()
        socket.transport.abort()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def test_the_same_frames_over_two_connections(installation: Installation, make_sender: MakeSender) -> None:
    """A controller that came back while its old socket was still read: every point is stored once."""
    first = make_sender(200, 50, 40)
    second = Sender(first.url, first.token, first.frames, 40)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(first.run(), second.run())
    assert missing_and_twice(installation, first) == (0, 0)
    assert first.accepted + second.accepted == 200 * 50
    assert first.duplicates + second.duplicates == 200 * 50
