"""A controller at work in the test's own process, with a journal, and a device whose calls can be held up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from webmacs_controller import service
from webmacs_controller.commands.journal import Journal
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.sdk import Sample
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.token import TokenStore

from tests.controller.devices import Tank
from tests.controller.fleets import setup_of
from tests.controller.peer import Connection, Message, Peer, event_id

PUMP = event_id("T", "pump")
LEVEL = event_id("T", "level")
NOBODYS = event_id("nobody", "nothing")


def result(command_id: str, state: str, value: float | None = None, error: str | None = None) -> Message:
    """As the controller sends it."""
    return {"type": "command_result", "id": command_id, "state": state, "value": value, "error": error}


class Gate(Tank):
    """Its writes wait while `open` is not set, and its readings while `readable` is not."""

    def __init__(self, values: Sequence[float] = (1.0,)) -> None:
        super().__init__(values)
        self.open = asyncio.Event()
        self.readable = asyncio.Event()
        self.writing = asyncio.Event()
        self.readable.set()

    @property
    def writes(self) -> list[str]:
        """What was set, but for the safe state at the end."""
        return [call.removeprefix("write ") for call in self.calls if call.startswith("write")]

    async def write(self, channel_id: str, value: float) -> None:
        self.writing.set()
        await self.open.wait()
        await super().write(channel_id, value)

    async def read(self) -> Sequence[Sample]:
        await self.readable.wait()
        return await super().read()


def opened() -> Gate:
    """One that holds up nothing."""
    gate = Gate()
    gate.open.set()
    return gate


@asynccontextmanager
async def controller(peer: Peer, journal: Path, *instances: Instance) -> AsyncIterator[asyncio.Event]:
    """Gives the event that stops it. Leaving it stops the controller, too."""
    kept, setup = Journal(journal), setup_of(*instances)
    stop = asyncio.Event()
    task = asyncio.create_task(service.serve(peer.url, TokenStore("t", None), setup, Buffer(1000), kept, stop))
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await task


@asynccontextmanager
async def commanded(peer: Peer, journal: Path, *instances: Instance) -> AsyncIterator[Connection]:
    """The server's side of a controller that has been welcomed."""
    async with controller(peer, journal, *instances):
        connection = await peer.connection()
        await connection.welcome()
        yield connection


def tank(plugin: Tank, interval: float = 60) -> Instance:
    return Instance("T", plugin, interval)
