"""The server's program: a model of the sidecar, which acknowledges after the commit and can die at any point."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from tests.simulation.database import Command, Database, Message
from tests.simulation.network import End, Network
from tests.simulation.world import World

DISK_SECONDS = (0.002, 0.05)
RETRY_SECONDS = 1.0
TICK_SECONDS = 5.0

Trigger = Callable[[str], bool]
"""Asked at each point where it might die, which is named; whether it does."""


class Sidecar:
    """`database_away`: PostgreSQL does not answer, and is asked again. It takes `seconds` for each thing."""

    def __init__(self, world: World, network: Network, database: Database) -> None:
        self.world = world
        self.database = database
        self.database_away = False
        self.seconds = DISK_SECONDS
        self.dies_at: str | None = None
        self.pushing: Callable[[], None] | None = None
        self.crashed: Callable[[], None] = lambda: None
        self._network = network
        self._life = 0
        self._wires: dict[Wire, None] = {}
        self._waiting: list[tuple[Wire, Message]] = []
        self._committing = False
        self._newest: Wire | None = None
        world.later(TICK_SECONDS, self._tick)

    @property
    def up(self) -> bool:
        return self._network.listener is not None

    def start(self) -> None:
        self._network.listener = self._accept

    def crash(self) -> None:
        """What was not committed is gone; connections break."""
        self._network.listener = None
        self._life += 1
        self._waiting.clear()
        self._committing = False
        self._newest = None
        for wire in list(self._wires):
            wire.end.vanish(silently=False)
        self._wires.clear()
        self.crashed()

    def wake(self) -> None:
        """There may be commands."""
        if self._newest is not None:
            self._later(self._push, self._newest, False)

    def reconfigure(self) -> None:
        """The configuration is another."""
        for wire in self._wires:
            if wire.greeted:
                wire.send({"type": "config"})

    def received(self, wire: "Wire", message: Message) -> None:
        """A message of the controller."""
        kind = message.get("type")
        if kind == "hello":
            if not wire.heard_at:
                wire.heard_at = self.world.now
            self._later(self._greet, wire, message)
        elif kind == "command_result":
            self._later(self._finish, wire, message)
        elif kind is None:
            wire.heard_seq, wire.heard_at = message["seq"], self.world.now
            self._waiting.append((wire, message))
            self._commit_soon()

    def lost(self, wire: "Wire") -> None:
        """A connection has ended; what came over it is stored all the same."""
        self._wires.pop(wire, None)
        if self._newest is wire:
            self._newest = None

    def _tick(self) -> None:
        """Some sidecar always looks at the clock."""
        if not self.database_away:
            self.database.tick()
        self.world.later(TICK_SECONDS, self._tick)

    def _accept(self, end: End) -> asyncio.Protocol:
        wire = Wire(self, end)
        self._wires[wire] = None
        return wire

    def _later(self, callback: Callable[..., None], *args: Any) -> None:
        """After what the database takes, if this process is still there then, and its database."""
        life = self._life

        def call() -> None:
            if life == self._life and self.database_away:
                self.world.later(RETRY_SECONDS, call)
            elif life == self._life:
                callback(*args)

        self.world.later(self.world.spread(*self.seconds), call)

    def _dies(self, where: str) -> bool:
        if self.dies_at == where:
            self.dies_at = None
            self.crash()
            return True
        return False

    def _greet(self, wire: "Wire", message: Message) -> None:
        wire.send(self.database.hello(message))
        wire.greeted, self._newest = True, wire
        self._push(wire, True)

    def _push(self, wire: "Wire", again: bool) -> None:
        if wire is self._newest and not self._dies("before the push"):
            for command in self.database.claim(wire, again):
                if not self._dies("in the push"):
                    wire.push(command)
                    self._has_pushed()

    def _has_pushed(self) -> None:
        called, self.pushing = self.pushing, None
        if called is not None:
            called()

    def _finish(self, wire: "Wire", message: Message) -> None:
        if not self._dies("before the result"):
            self.database.finish(message)
            if not self._dies("after the result"):
                wire.send({"type": "command_noted", "id": message["id"]})

    def _commit_soon(self) -> None:
        if self._waiting and not self._committing:
            self._committing = True
            batch, self._waiting = self._waiting, []
            self._later(self._commit, batch)

    def _commit(self, batch: list[tuple["Wire", Message]]) -> None:
        if self._dies("before the commit"):
            return
        acks: dict[Wire, Message] = {}
        for wire, message in batch:
            refused = self.database.ingest(message["datapoints"], wire)
            acks[wire] = _merged(acks.get(wire), message, refused)
        if self._dies("after the commit"):
            return
        for wire, ack in acks.items():
            wire.send(ack)
        self._committing = False
        if not self._dies("after the acknowledgement"):
            self._commit_soon()


DEATHS = (
    "before the push",
    "in the push",
    "before the result",
    "after the result",
    "before the commit",
    "after the commit",
    "after the acknowledgement",
)


def _merged(ack: Message | None, message: Message, refused: list[Message]) -> Message:
    ack = ack or {"type": "ack", "accepted": 0, "duplicates": 0, "rejected": [], "rejected_total": 0}
    rejected = [{"seq": message["seq"], **refusal} for refusal in refused if refusal["reason"] != "duplicate"]
    ack["seq"] = message["seq"]
    ack["accepted"] += len(message["datapoints"]) - len(refused)
    ack["duplicates"] += len(refused) - len(rejected)
    ack["rejected"] += rejected
    ack["rejected_total"] += len(rejected)
    return ack


class Wire(asyncio.Protocol):
    """One WebSocket, by the library that servers use."""

    def __init__(self, sidecar: Sidecar, end: End) -> None:
        self.end = end
        self.greeted = False
        self.heard_seq: int | None = None
        self.heard_at = 0.0
        self._sidecar = sidecar
        self._socket = ServerProtocol(subprotocols=[Subprotocol("webmacs.v1")], max_size=None)

    def data_received(self, data: bytes) -> None:
        self._socket.receive_data(data)
        for event in self._socket.events_received():
            if isinstance(event, Request):
                self._socket.send_response(self._socket.accept(event))
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._sidecar.received(self, json.loads(bytes(event.data)))
        self._flush()

    def eof_received(self) -> None:
        self._socket.receive_eof()
        self._flush()

    def connection_lost(self, _error: Exception | None) -> None:
        self._sidecar.lost(self)

    def pause_writing(self) -> None:
        pass

    def resume_writing(self) -> None:
        pass

    def send(self, message: Message) -> None:
        """If the connection is still there."""
        if self._socket.state.name == "OPEN" and not self.end.is_closing():
            self._socket.send_text(json.dumps(message).encode())
            self._flush()

    def push(self, command: Command) -> None:
        """A command, with the time that it has left."""
        now = self._sidecar.world.now
        instance, channel = command.source
        self.send(
            {
                "type": "command",
                "id": command.id,
                "event_public_id": "/".join(command.source),
                "instance": instance,
                "channel": channel,
                "value": command.value,
                "ttl": command.expires - now,
                "after_seq": self.heard_seq,
                "after_seconds": now - self.heard_at,
                "interlocks": [],
            }
        )

    def _flush(self) -> None:
        for data in self._socket.data_to_send():
            if data:
                self.end.write(data)
            else:
                self.end.close()
