"""When the server counts as heard, over a real WebSocket, and what is told of outputs when it is back."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import pytest
from webmacs_controller.transport import session as session_module
from webmacs_controller.transport.buffer import Buffer
from websockets.asyncio.client import ClientConnection
from websockets.typing import Data

from tests.controller.commanding import PUMP, controller, opened, tank
from tests.controller.peer import Connection, Message, Peer
from tests.controller.test_client import level, running

pytestmark = pytest.mark.usefixtures("no_long_flush")


def wants(time_out: float | None) -> Message:
    """What a server that knows the tank says in its welcome."""
    pump = {"channel": "pump", "safe_after_seconds": time_out}
    return {"instances": [{"name": "T", "plugin": "tank", "interval_seconds": 60, "channels": [pump]}]}


async def until_written(gate_calls: list[str], call: str) -> None:
    async with asyncio.timeout(10):
        while call not in gate_calls:  # noqa: ASYNC110 - a plugin of the test has no event for it
            await asyncio.sleep(0.01)


async def test_a_cut_connection_starts_the_time_out_and_people_are_told(peer: Peer, journal: Path) -> None:
    gate = opened()
    async with controller(peer, journal, tank(gate)):
        connection = await peer.connection()
        await connection.welcome(**wants(0.5))
        await connection.command("1", PUMP, 7)
        assert (await connection.result())["state"] == "done"
        peer.refuse = 503
        connection.cut()
        await until_written(gate.calls, "write pump 5")
        peer.refuse = None
        connection = await peer.connection()
        await connection.welcome(**wants(0.5))
        note = await channel_note(connection)
        assert note == "at its safe value: the server was not heard for 0.5 s"
        told = await connection.next("log")
        assert told["message"] == "T/pump has to go to its safe value 5: the server was not heard for 0.5 s"
        assert gate.pump == 5


async def channel_note(connection: Connection) -> str | None:
    """What is told of the pump."""
    while True:
        status = await connection.next("status")
        for channel in status["instances"][0]["channels"]:
            if channel["id"] == "pump":
                detail: str | None = channel["detail"]
                return detail


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> asyncio.Semaphore:
    """Released by each ping of a controller that is impatient."""
    asked, ping = asyncio.Semaphore(0), ClientConnection.ping

    async def noted(self: ClientConnection, data: Data | None = None) -> Awaitable[float]:
        asked.release()
        return await ping(self, data)

    monkeypatch.setattr(session_module, "ASK_SECONDS", 0.01)
    monkeypatch.setattr(ClientConnection, "ping", noted)
    return asked


@pytest.mark.parametrize("owes", [False, True])
async def test_a_quiet_server_is_heard_by_its_pongs_unless_it_owes_an_answer(
    peer: Peer, pings: asyncio.Semaphore, owes: bool
) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer) as client:
        connection = await peer.connection()
        await connection.welcome()
        if owes:
            buffer.put([level(1.5)])
            await connection.receive()
        server = client._configurator.fleet.safeguard.server
        await pings.acquire()
        before = server.seen_at
        for _ in range(3):
            await pings.acquire()
        assert (server.seen_at > before) is not owes


async def test_a_server_is_lost_with_its_connection_and_not_heard_before_it_welcomes(peer: Peer) -> None:
    buffer = Buffer(100)
    async with running(peer, buffer) as client:
        server = client._configurator.fleet.safeguard.server
        connection = await peer.connection()
        await connection.hello()
        assert not server.stands
        await connection.close()
        connection = await peer.connection()
        await connection.welcome()
        buffer.put([level(1.5)])
        await connection.ack((await connection.receive())["seq"])
        await buffer.until(lambda: len(buffer) == 0)
        assert server.stands
        connection.cut()
        connection = await peer.connection()
        await connection.hello()
        heard = server.seen_at
        await connection.send(type="error", code="busy", message="later", seq=7)
        await connection.close()
        await (await peer.connection()).hello()
        assert (server.stands, server.seen_at) == (False, heard)
