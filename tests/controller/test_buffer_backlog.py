"""What waits on disk, against a real WebSocket server: beside the live values, and when the server thinks otherwise."""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from webmacs_controller.measuring.point import Point
from webmacs_controller.sdk import Quality
from webmacs_controller.storage.store import Store
from webmacs_controller.transport.backlog import Backlog
from webmacs_controller.transport.buffer import Buffer

from tests.controller.machine import right_clock
from tests.controller.peer import Connection, Message, Peer, event_id
from tests.controller.test_client import NOW, level, running

PUMP = ("Tank 1", "pump")
LEVEL_EVENT = event_id("Tank 1", "level")


def values(frame: Message) -> list[float]:
    return [point["value"] for point in frame["datapoints"]]


@asynccontextmanager
async def with_a_backlog(folder: Path, *points: Point, rate: float = math.inf) -> AsyncIterator[Buffer]:
    """A buffer that writes nothing more, with `points` on disk and in its reach."""
    clock = right_clock()
    store = Store(folder / "buffer", 1 << 30, timedelta(days=9999), clock)
    store.write([points])
    store.close()
    buffer = Buffer(100, clock, Backlog(store, rate), flush_seconds=3600)
    keeping = asyncio.create_task(buffer.run())
    await buffer.until(lambda: buffer.is_ready)
    yield buffer
    buffer.close()
    await keeping


async def drained(buffer: Buffer) -> None:
    async with asyncio.timeout(30):
        await buffer.until(lambda: len(buffer) == 0)


async def test_what_has_just_been_measured_goes_first(peer: Peer, tmp_path: Path) -> None:
    async with with_a_backlog(tmp_path, level(1), level(2)) as buffer, running(peer, buffer):
        connection = await peer.connection()
        buffer.put([level(3)])
        await connection.welcome()
        live, old = await connection.receive(), await connection.receive()
        assert (values(live), values(old)) == ([3], [1, 2])
        await connection.ack(old["seq"])
        await drained(buffer)


async def test_a_row_is_sent_again_until_all_of_it_is_acknowledged(peer: Peer, tmp_path: Path) -> None:
    points = [level(value) for value in range(1200)]
    async with with_a_backlog(tmp_path, *points) as buffer, running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        frames = [await connection.receive() for _ in range(3)]
        assert [len(frame["datapoints"]) for frame in frames] == [500, 500, 200]
        await connection.ack(frames[0]["seq"])
        await buffer.until(lambda: buffer.in_flight == 2)
        connection.cut()
        connection = await peer.connection()
        await connection.welcome()
        again = [await connection.receive() for _ in range(2)]
        assert [value for frame in again for value in values(frame)] == list(range(500, 1200))
        await connection.ack(again[1]["seq"])
        await drained(buffer)


async def test_a_value_goes_to_the_event_that_its_channel_feeds_now(peer: Peer, tmp_path: Path) -> None:
    async with with_a_backlog(tmp_path, level(1)) as buffer, running(peer, buffer):
        connection = await peer.connection()
        other = {"instance": "Tank 1", "channel": "level", "event_public_id": "another", "enabled": True}
        await connection.welcome(events=[other])
        frame = await connection.receive()
        assert [point["event_public_id"] for point in frame["datapoints"]] == ["another"]
        await connection.ack(frame["seq"])
        await drained(buffer)


async def test_what_nobody_wants_any_more_goes_nowhere_and_is_counted(peer: Peer, tmp_path: Path) -> None:
    points = [Point(("Removed", "x"), 1, NOW, 192), level(2), Point(PUMP, 3, NOW, 192), level(4)]
    async with with_a_backlog(tmp_path, *points) as buffer, running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome(disabled=("pump",))
        frame = await connection.receive()
        assert values(frame) == [2, 4]
        await connection.ack(frame["seq"])
        await drained(buffer)
        assert buffer.unwanted == 2


async def test_a_row_that_nobody_wants_is_removed_which_is_said_once(
    peer: Peer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In one line for an instance, which may have had thousands of channels."""
    points = [Point(("Removed", channel), value, NOW, 192) for value in range(500) for channel in ("y", "x")]
    async with with_a_backlog(tmp_path, *points) as buffer, running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        await drained(buffer)
        assert buffer.unwanted == 1000
    assert caplog.text.count("Removed") == 1
    assert "Removed: values on disk are not sent, no event takes them any more: x, y\n" in caplog.text


async def test_a_frame_that_is_refused_whole_is_lost_alone(peer: Peer, tmp_path: Path) -> None:
    points = [level(value) for value in range(1000)]
    async with with_a_backlog(tmp_path, *points) as buffer, running(peer, buffer) as client:
        connection = await peer.connection()
        await connection.welcome()
        first, second = await connection.receive(), await connection.receive()
        await connection.send(type="error", code="not_stored", message="No.", seq=first["seq"])
        await connection.ack(second["seq"])
        await drained(buffer)
        assert client.rejections.of_frames == {"not_stored": 500}


async def test_the_rate_is_bounded_and_leaves_room_for_live_values(peer: Peer, tmp_path: Path) -> None:
    """Of a rate of a frame in a day, one is sent; then only what is measured."""
    points = [level(value) for value in range(1500)]
    async with with_a_backlog(tmp_path, *points, rate=500 / 86_400) as buffer, running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        assert len((await connection.receive())["datapoints"]) == 500
        for value in range(3):
            buffer.put([level(value)])
            assert values(await connection.receive()) == [value]


async def test_a_backlog_never_fills_the_window(peer: Peer, tmp_path: Path) -> None:
    points = [level(value) for value in range(10_000)]
    async with with_a_backlog(tmp_path, *points) as buffer, running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        await until_silent(connection, 8)
        buffer.put([level(-1)])
        assert values(await connection.receive()) == [-1]


async def until_silent(connection: Connection, frames: int) -> None:
    for _ in range(frames):
        assert len((await connection.receive())["datapoints"]) == 500


async def test_qualities_survive_the_disk(peer: Peer, tmp_path: Path) -> None:
    points = [Point(PUMP, 1, NOW, int(Quality.SENSOR_FAULT)), level(2)]
    async with with_a_backlog(tmp_path, *points) as buffer, running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        frame = await connection.receive()
        assert [point["quality"] for point in frame["datapoints"]] == [16, 192]
        assert frame["datapoints"][1]["event_public_id"] == LEVEL_EVENT
