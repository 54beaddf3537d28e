"""kill -9 at any moment: at most one effect of each command, and one final state, the same whenever it is asked."""

import asyncio
import itertools
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.controller import process
from tests.controller.peer import Connection, Message, Peer
from tests.controller.process import PUMP, Controller, effects_in


class Machine:
    """A controller that is started again and again, and the server that it talks to."""

    def __init__(self, folder: Path, peer: Peer) -> None:
        self.folder = folder
        self.peer = peer
        self.controller: Controller | None = None

    async def start(self) -> Connection:
        process.prepare(self.folder, self.peer.url, "token")
        self.controller = await process.start(self.folder)
        connection = await self.peer.connection()
        await connection.welcome()
        return connection

    async def killed(self) -> None:
        assert self.controller is not None
        self.controller.kill()
        await self.controller.died()


@pytest.fixture
async def machine(peer: Peer, tmp_path: Path) -> AsyncIterator[Machine]:
    machine = Machine(tmp_path, peer)
    yield machine
    if machine.controller is not None and machine.controller.process.returncode is None:
        await machine.killed()


@pytest.mark.parametrize(
    ("fault", "effects"), [("before the write", []), ("in the write", [7.0]), ("reading back", [7.0])]
)
async def test_between_intent_and_result(machine: Machine, fault: str, effects: list[float]) -> None:
    """Nobody knows what came of it: the next process says so, with the value that the output has. That is the safe one,
    because nobody knows either how long it was left alone."""
    (machine.folder / fault).touch()
    connection = await machine.start()
    await connection.command("1", PUMP, 7)
    assert machine.controller is not None
    await machine.controller.died()
    (machine.folder / fault).unlink()
    connection = await machine.start()
    await connection.command("1", PUMP, 7)  # it has not heard of it, so the server pushes it again
    answer = await connection.result()
    assert (answer["id"], answer["state"], answer["value"]) == ("1", "outcome_unknown", 0)
    assert "interrupted" in answer["error"]
    assert effects_in(machine.folder) == [*effects, 0]


async def test_between_result_and_note(machine: Machine) -> None:
    """The result is kept, and sent until the server has it."""
    connection = await machine.start()
    await connection.command("1", PUMP, 7)
    first = await connection.result()
    await machine.killed()
    connection = await machine.start()
    assert await connection.result() == first
    await connection.send(type="command_noted", id="1")
    await connection.command("1", PUMP, 7)
    assert await connection.result() == first
    await connection.command("2", PUMP, 8)
    assert (await connection.result())["state"] == "done"
    assert effects_in(machine.folder) == [7, 0, 8]


class Server:
    """Pushes a command until it has noted an answer; forgets every other answer, as if it had not arrived."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Message]] = {}
        self._noted: set[str] = set()
        self._numbers = itertools.count(1)

    async def play(self, connection: Connection, fresh: int) -> None:
        """One connection, until it ends: the old commands again, then `fresh` new ones, one after the other."""
        waiting = [*(self.answers.keys() - self._noted), *(str(next(self._numbers)) for _ in range(fresh))]
        await self._push_next(connection, waiting)
        async for message in connection.frames_until_cut():
            if message.get("type") == "command_result":
                await self._answered(connection, message, waiting)
            if self.answers.keys() == self._noted and not waiting:
                return

    async def _push_next(self, connection: Connection, waiting: list[str]) -> None:
        if waiting:
            self.answers.setdefault(waiting[0], [])
            await push(connection, waiting.pop(0))

    async def _answered(self, connection: Connection, message: Message, waiting: list[str]) -> None:
        known = self.answers[message["id"]]
        known.append(message)
        if len(known) > int(message["id"]) % 3:
            self._noted.add(message["id"])
            await connection.try_to_send(type="command_noted", id=message["id"])
            await self._push_next(connection, waiting)
        else:
            await push(connection, message["id"])


async def push(connection: Connection, command_id: str) -> None:
    await connection.try_to_send(**connection.order(command_id, PUMP, float(command_id)))


async def test_at_any_moment(machine: Machine) -> None:
    """Killed at random times, the controller answers each command in one way only, and does what it answered."""
    server, moments = Server(), random.Random(7)
    for _ in range(8):
        connection = await machine.start()
        assert machine.controller is not None
        asyncio.get_running_loop().call_later(moments.uniform(0, 0.08), machine.controller.kill)
        await server.play(connection, 1000)
        await machine.controller.died()
    await server.play(await machine.start(), 1)
    effects = effects_in(machine.folder)
    for command_id, known in server.answers.items():
        assert len({str(message) for message in known}) == 1, known
        assert effects.count(float(command_id)) <= 1
        assert effects.count(float(command_id)) == 1 or known[0]["state"] in ("failed", "outcome_unknown")


@pytest.fixture
def unwritable(tmp_path: Path) -> str:
    if os.geteuid() == 0:
        (tmp_path / "controller.journal").mkdir()  # nothing is unwritable to root, but a folder is no file
    else:
        tmp_path.chmod(0o500)
    return "unable to open database file"


async def test_without_a_journal_nothing_is_done_and_the_values_flow_on(machine: Machine, unwritable: str) -> None:
    connection = await machine.start()
    assert "datapoints" in await connection.receive()
    await connection.command("1", PUMP, 7)
    answer = await connection.result()
    assert answer["state"] == "failed"
    assert unwritable in answer["error"]
    assert 7 not in effects_in(machine.folder)  # its safe value may be, for nobody knows what was before
