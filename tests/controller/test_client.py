"""The client against a real WebSocket server: what it says, sends, sends again, and how it bears refusal."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from webmacs_controller.backoff import Backoff
from webmacs_controller.clock.clock import Clock
from webmacs_controller.commands.desk import Desk
from webmacs_controller.commands.journal import Journal
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.transport import client as client_module
from webmacs_controller.transport import session as session_module
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.client import Client
from webmacs_controller.transport.protocol import FRAME_POINTS
from webmacs_controller.transport.session import WINDOW
from webmacs_controller.transport.token import TokenStore

from tests.controller.devices import Tank
from tests.controller.fleets import configured
from tests.controller.machine import TurnedKernel
from tests.controller.peer import Peer, event_id

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def level(value: float) -> Point:
    return Point(("Tank 1", "level"), value, NOW, 192)


def no_commands() -> Desk:
    return Desk(Journal(Path("/nowhere/journal")), {}, Newest())


@asynccontextmanager
async def running(peer: Peer, buffer: Buffer, tokens: TokenStore | None = None) -> AsyncIterator[Client]:
    async with configured(Instance("Tank 1", Tank(), 1.0)) as configurator:
        tokens = tokens or TokenStore("secret.token", None)
        client = Client(peer.url, tokens, configurator, buffer, no_commands(), Backoff(0.001, 0.001))
        task = asyncio.create_task(client.run())
        try:
            yield client
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def test_it_introduces_itself_with_its_channels(peer: Peer) -> None:
    async with running(peer, Buffer(100)):
        connection = await peer.connection()
        assert connection.token == "secret.token"
        assert connection.socket.subprotocol == "webmacs.v1"
        hello = await connection.hello()
    plugins = hello.pop("plugins")
    assert hello == {
        "type": "hello",
        "software": "webmacs-controller 0.1.0",
        "holds": True,
        "config_version": 0,
        "instances": [
            {
                "name": "Tank 1",
                "plugin": "tank",
                "demo": False,
                "interval_seconds": 1.0,
                "config": {},
                "channels": [
                    {
                        "id": "level",
                        "name": "Level",
                        "unit": "m",
                        "min": 0.0,
                        "max": 10.0,
                        "direction": "input",
                        "event_type": "sensor",
                        "safe_value": None,
                    },
                    {
                        "id": "pump",
                        "name": "Pump",
                        "unit": "%",
                        "min": 0.0,
                        "max": 100.0,
                        "direction": "output",
                        "event_type": "actuator",
                        "safe_value": 5.0,
                    },
                ],
            }
        ],
    }
    (system,) = (plugin for plugin in plugins if plugin["id"] == "system")
    assert system["schema"]["properties"]["disk_path"]["default"] == "/"


async def test_points_travel_with_value_time_and_quality(peer: Peer) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        buffer.put([level(1.5)])
        assert await connection.receive() == {
            "seq": 1,
            "datapoints": [
                {
                    "event_public_id": event_id("Tank 1", "level"),
                    "value": 1.5,
                    "timestamp": "2026-01-02T03:04:05.678901Z",
                    "quality": 192,
                }
            ],
        }


async def test_the_welcome_of_a_large_plant_is_longer_than_a_frame_of_values(peer: Peer) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome(settings_of_many_channels="x" * 3_000_000)
        buffer.put([level(1.5)])
        assert (await connection.receive())["datapoints"]


async def test_what_was_not_acknowledged_is_sent_again_in_order_and_nothing_else(peer: Peer) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        for value in (1, 2, 3):
            buffer.put([level(value)])
            await connection.receive()
        await connection.ack(1)
        await buffer.until(lambda: len(buffer) == 2)
        connection.cut()
        connection = await peer.connection()
        await connection.welcome()
        frame = await connection.receive()
    assert [point["value"] for point in frame["datapoints"]] == [2, 3]
    assert frame["seq"] == 4


async def test_one_ack_may_cover_several_frames(peer: Peer) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer) as client:
        connection = await peer.connection()
        await connection.welcome()
        for value in (1, 2, 3):
            buffer.put([level(value)])
            await connection.receive()
        await connection.ack(3, accepted=3)
        await client.drained()
        assert len(buffer) == 0


async def test_what_was_measured_before_the_first_contact_is_sent(peer: Peer) -> None:
    buffer = Buffer(100)
    buffer.put([level(1), level(2)])
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        assert [point["value"] for point in (await connection.receive())["datapoints"]] == [1, 2]


async def test_the_time_in_the_welcome_corrects_what_was_measured_before_it_was_known(peer: Peer) -> None:
    kernel = TurnedKernel(wrong=-1e9, synchronised=False)
    buffer = Buffer(100, Clock(kernel))
    buffer.put([Point(("Tank 1", "level"), 1, buffer.clock.now(), 192)])
    measured = kernel.right_time()
    kernel.sleep(3600)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome(time=kernel.right_time().isoformat())
        sent = datetime.fromisoformat((await connection.receive())["datapoints"][0]["timestamp"])
    assert sent == measured


async def test_a_server_without_room_is_asked_again_by_hello_and_nothing_is_lost(
    peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        buffer.put([level(1)])
        seq = (await connection.receive())["seq"]
        buffer.put([level(2)])
        assert (await connection.receive())["seq"] == seq + 1
        buffer.put([level(3)])
        for _ in range(2):
            await connection.send(type="hold", seq=seq, seconds=0.01, message="The disk is full.")
            while (hello := await connection.receive()).get("type") != "hello":
                pass  # what was on its way before the hold
            await connection.answer(hello)
            sent: list[float] = []
            while len(sent) < 3:
                frame = await connection.receive()
                sent += [point["value"] for point in frame["datapoints"]]
            assert (sent, frame["seq"] > seq) == ([1, 2, 3], True)
            seq = frame["seq"]
        await connection.ack(seq)
        await buffer.until(lambda: buffer.in_flight == 0)
        assert len(buffer) == 0
    assert caplog.text.count("the server takes no values for now: The disk is full.") == 2


async def test_during_a_hold_commands_and_pongs_go_on(peer: Peer) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        buffer.put([level(1)])
        frame = await connection.receive()
        await connection.send(type="hold", seq=frame["seq"], seconds=600, message="full")
        await connection.command("5e9b9a0e-7f49-4a1c-8b8a-111111111111", event_id("Tank 1", "valve"), 1)
        assert (await connection.receive())["type"] == "command_result"
        assert buffer.oldest is None


async def test_lost_values_are_told_to_the_server_once(peer: Peer) -> None:
    buffer = Buffer(3)
    buffer.put([level(value) for value in range(8)])
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        entry = await connection.next("log")
        assert (entry["level"], entry["message"].split(" values did not reach")[0]) == ("warning", "5")
        await connection.send(type="config", config_version=2)
        await connection.answer(await connection.next("hello"))
        buffer.put([level(9)])
        assert "datapoints" in await connection.receive()


async def test_a_backlog_goes_in_full_frames_and_no_more_than_the_window_at_once(peer: Peer) -> None:
    buffer = Buffer(100_000)
    buffer.put([level(value) for value in range(FRAME_POINTS * (WINDOW + 1))])
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        frames = [await connection.receive() for _ in range(WINDOW)]
        assert {len(frame["datapoints"]) for frame in frames} == {FRAME_POINTS}
        assert buffer.in_flight == WINDOW
        await connection.ack(1)
        assert (await connection.receive())["seq"] == WINDOW + 1


async def test_what_comes_in_quick_succession_goes_in_one_frame_but_for_the_first(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "GATHER_SECONDS", 3600.0)
    monkeypatch.setattr(session_module, "MOST_GATHER_SECONDS", 3600.0)
    buffer = Buffer(10_000)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        buffer.put([level(0)])
        assert len((await connection.receive())["datapoints"]) == 1
        for value in range(2):
            buffer.put([level(value)])
            await asyncio.sleep(0.01)
        buffer.put([level(value) for value in range(2, FRAME_POINTS)])  # a full one waits for nothing
        assert len((await connection.receive())["datapoints"]) == FRAME_POINTS


async def test_values_of_a_disabled_event_are_not_sent(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome(disabled=("level",))
        buffer.put([level(1), Point(("Tank 1", "pump"), 5, NOW, 192)])
        frame = await connection.receive()
    assert [point["value"] for point in frame["datapoints"]] == [5]
    assert buffer.unwanted == 1
    assert "Tank 1: disabled on the server, not sent: level" in caplog.text


async def test_a_changed_configuration_is_answered_with_hello(peer: Peer) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome(disabled=("level", "pump"))
        await connection.send(type="config", config_version=2)
        await connection.welcome()
        await connection.send(type="config", config_version=3)
        await connection.hello()  # so the welcome before has been read
        buffer.put([level(7)])
        assert (await connection.receive())["datapoints"][0]["value"] == 7


async def test_a_rejection_is_logged_once_and_counted(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer) as client:
        connection = await peer.connection()
        await connection.welcome()
        for seq in (1, 2):
            buffer.put([level(seq)])
            await connection.receive()
            refused = {"seq": seq, "index": 0, "event_public_id": event_id("Tank 1", "level"), "reason": "disabled"}
            await connection.ack(seq, rejected=[refused], rejected_total=1)
        await client.drained()
    assert caplog.text.count("Tank 1/level (event event:Tank 1:level): refused by the server: disabled") == 1
    assert client.rejections.counts == {(event_id("Tank 1", "level"), "disabled"): 2}
    assert client.rejections.total == 2


async def test_a_frame_that_the_server_refuses_whole_is_lost_alone_and_said_once(
    peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    buffer = Buffer(100)
    refusal = {"type": "error", "code": "not_stored", "message": "The database cannot store this frame."}
    async with running(peer, buffer) as client:
        connection = await peer.connection()
        await connection.welcome()
        for value in range(1, 6):
            buffer.put([level(value), level(value + 0.5)])
            await connection.receive()
        await connection.send(type="config", config_version=2)
        await connection.hello()  # not the hello is refused while it waits for its answer, but the frame
        await connection.send(seq=2, **refusal)
        await connection.send(seq=4, **refusal)
        await connection.send(seq=4, **refusal)
        await connection.ack(1)
        await buffer.until(lambda: len(buffer) == 4)
        connection.cut()
        connection = await peer.connection()
        await connection.welcome()
        assert [point["value"] for point in (await connection.receive())["datapoints"]] == [3, 3.5, 5, 5.5]
        await connection.ack(6)
        await client.drained()
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "frame 2 with 2 points is lost" in errors[0]
    assert "The database cannot store this frame. (not_stored)" in errors[0]
    assert (client.rejections.of_frames, client.rejections.total) == ({"not_stored": 4}, 4)


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[]",
        '{"type": "command", "id": 1}',
        '{"type": "command", "id": "1", "value": NaN}',
        '{"type": "command_noted"}',
        '{"type": "command_noted", "id": "nobody"}',
        '{"type": "ack"}',
        '{"type": "error", "code": "x"}',
    ],
)
async def test_what_it_does_not_understand_harms_nothing(peer: Peer, frame: str) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        await connection.socket.send(frame)
        buffer.put([level(1)])
        assert (await connection.receive())["seq"] == 1


async def test_a_fresh_token_is_stored_and_used(peer: Peer, tmp_path: Path) -> None:
    file = tmp_path / "controller.token"
    file.write_text("old.token\n")
    async with running(peer, Buffer(100), TokenStore("", file)):
        connection = await peer.connection()
        assert connection.token == "old.token"
        await connection.welcome()
        await connection.send(type="token", token="new.token", expires_at="2027-01-01T00:00:00Z")
        await connection.close(1001)
        assert (await peer.connection()).token == "new.token"
    assert file.read_text().strip() == "new.token"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_is_said_clearly_and_tried_slowly(
    peer: Peer, status: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "REFUSED_SECONDS", 0.02)
    peer.refuse = status
    async with running(peer, Buffer(100)):
        await peer.attempts.get()
        await peer.attempts.get()
        peer.refuse = None
        await (await peer.connection()).welcome()
    assert "the server refuses the token" in caplog.text
    assert f"HTTP {status}" in caplog.text
    assert "next try in 0.02 s" in caplog.text


@pytest.mark.parametrize("code", [4401, 1008])
async def test_a_token_that_is_revoked_later_is_said_clearly(
    peer: Peer, code: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "REFUSED_SECONDS", 0.0)
    async with running(peer, Buffer(100)):
        connection = await peer.connection()
        await connection.welcome()
        await connection.close(code)
        await peer.connection()
    assert "the server refuses the token" in caplog.text


async def test_a_server_that_forgets_a_frame_is_left(
    peer: Peer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "ANSWER_SECONDS", 0.02)
    buffer = Buffer(100)
    async with running(peer, buffer):
        connection = await peer.connection()
        await connection.welcome()
        buffer.put([level(1)])
        await connection.receive()
        connection = await peer.connection()
        await connection.welcome()
        assert (await connection.receive())["datapoints"][0]["value"] == 1
    assert "did not answer frame 1" in caplog.text


async def test_a_hello_that_is_not_taken_is_tried_again(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    async with running(peer, Buffer(100)):
        connection = await peer.connection()
        await connection.hello()
        await connection.send(type="error", code="unavailable", message="The database cannot answer now.")
        await (await peer.connection()).welcome()
    assert "the server does not take the hello: The database cannot answer now. (unavailable)" in caplog.text


async def test_the_token_is_never_logged(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="webmacs_controller")
    async with running(peer, Buffer(100)):
        connection = await peer.connection()
        await connection.welcome()
        await connection.send(type="token", token="fresh.token", expires_at="2027-01-01T00:00:00Z")
        await connection.close(1001)
        await peer.connection()
    assert "secret.token" not in caplog.text
    assert "fresh.token" not in caplog.text


async def test_stopping_closes_properly(peer: Peer) -> None:
    async with running(peer, Buffer(100)):
        connection = await peer.connection()
        await connection.welcome()
    assert await connection.closed() == 1000


async def test_nothing_waits_for_a_server_that_is_not_there(peer: Peer) -> None:
    buffer = Buffer(100)
    buffer.put([level(math.pi)])
    async with configured() as configurator:
        await Client(peer.url, TokenStore("x", None), configurator, buffer, no_commands()).drained()
    assert len(buffer) == 1
