"""The server of the simulation (tests/simulation) is a model: here it says the same as the real one does."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.sidecar.conftest import Door
from tests.simulation.database import Command, Database, Message, Source, Stored
from tests.simulation.network import Line, Network
from tests.simulation.sidecar import Sidecar, Wire
from tests.simulation.world import World
from tests.support.drive import Drive
from tests.support.people import Caller, People
from tests.support.sql import Sql

START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
HELLO: Message = {
    "type": "hello",
    "config_version": 0,
    "instances": [
        {
            "name": "Rack",
            "plugin": "rack",
            "demo": False,
            "interval_seconds": 2,
            "config": {},
            "channels": [
                {"id": "t", "name": "t", "unit": "1", "min": 0, "max": 100, "direction": "input"},
                {"id": "pump", "name": "pump", "unit": "1", "min": 0, "max": 100, "direction": "output"}
                | {"safe_value": 0, "event_type": "actuator"},
            ],
        }
    ],
}
NOBODY = "00000000-0000-0000-0000-000000000000"


class Server(Protocol):
    """One of the two."""

    def connect(self) -> None:
        """Anew; what there was is cut."""

    def say(self, message: Message) -> None: ...

    def told(self) -> Message:
        """The next message."""

    def name(self, source: Source) -> str:
        """Of its event."""

    def command(self, value: float) -> str:
        """Somebody sets the pump; the id of the command."""

    def disable(self) -> None:
        """The instance."""


class Model:
    """That of the simulation, spoken to without a network."""

    def __init__(self) -> None:
        self._world = World(1)
        safe_after = {"pump": 60.0}
        self._database = Database(lambda: self._world.now, lambda: datetime.now(UTC), self, safe_after)
        self._network = Network(self._world)
        self._sidecar = Sidecar(self._world, self._network, self._database)
        self._sidecar.start()
        self._commands = 0

    def arrived(self, point: Stored) -> None:
        pass

    def refused(self, source: Source, time: datetime, value: float, reason: str) -> None:
        pass

    def connect(self) -> None:
        self._sidecar.crash()
        self._sidecar.start()
        self._wire = Recorded(self._sidecar, Line(self._network, self._world.nature).server)

    def say(self, message: Message) -> None:
        self._sidecar.received(self._wire, message)

    def told(self) -> Message:
        assert self._world.run(self._world.now + 60, lambda: bool(self._wire.sent))
        return self._wire.sent.pop(0)

    def name(self, source: Source) -> str:
        return "/".join(source)

    def command(self, value: float) -> str:
        self._commands += 1
        given = Command(f"{self._commands}", ("Rack", "pump"), value, self._world.now + 600)
        self._database.command(given)
        self._sidecar.wake()
        return given.id

    def disable(self) -> None:
        self._database.instances["Rack"]["enabled"] = False


class Recorded(Wire):
    """What it would send."""

    def __init__(self, sidecar: Sidecar, end: Any) -> None:
        super().__init__(sidecar, end)
        self.sent: list[Message] = []

    def send(self, message: Message) -> None:
        self.sent.append(json.loads(json.dumps(message)))


class Real:
    """The sidecar, and PostgreSQL behind it."""

    def __init__(self, url: str, controller: Caller, drive: Drive) -> None:
        self._url = url.replace("http", "ws") + "/ws/controller/telemetry"
        self._controller = controller
        self._drive = drive
        self._open = ExitStack()
        self._socket: ClientConnection | None = None
        self._events: dict[Source, str] = {}

    def connect(self) -> None:
        self.close()
        protocols: Any = ["webmacs.v1", f"bearer.{self._controller.token}"]
        self._socket = self._open.enter_context(connect(self._url, subprotocols=protocols))

    def close(self) -> None:
        self._open.close()

    def say(self, message: Message) -> None:
        assert self._socket is not None
        self._socket.send(json.dumps(message))

    def told(self) -> Message:
        assert self._socket is not None
        message: Message = json.loads(self._socket.recv(timeout=60))
        if message["type"] == "welcome":
            self._events = {(e["instance"], e["channel"]): e["event_public_id"] for e in message["events"]}
        return message if message["type"] not in ("config", "token") else self.told()

    def name(self, source: Source) -> str:
        return self._events.get(source, NOBODY)

    def command(self, value: float) -> str:
        query = "select id from private.events where public_id = %s"
        event = self._drive.number(query, self._events["Rack", "pump"])
        return str(self._drive.set(event, value, ttl_seconds=600)["public_id"])

    def disable(self) -> None:
        self._drive.superuser.execute(
            "update private.plugin_instances set enabled = false where controller_id = %s", (self._controller.id,)
        )


def spoken(server: Server) -> Iterator[Any]:
    """A short life of a controller; all that it is told, without what must differ."""
    server.connect()
    server.say(HELLO)
    yield from _welcome(server.told())
    seq = 0

    def frame(*points: tuple[str, float, timedelta]) -> Any:
        nonlocal seq
        seq += 1
        datapoints = [
            {"event_public_id": server.name(("Rack", channel)), "value": value, "quality": 192}
            | {"timestamp": (START + age).isoformat()}
            for channel, value, age in points
        ]
        server.say({"seq": seq, "datapoints": datapoints})
        return _ack(server.told())

    second, years = timedelta(seconds=1), timedelta(days=366)
    yield frame(("t", 1, second), ("t", 2, 2 * second), ("pump", 0, second))
    yield frame(("t", 1, second), ("t", 3, 3 * second))  # again, and a new one
    yield frame(("t", 9, second))  # another value of that time
    yield frame(("t", 4, years), ("t", 5, -11 * years), ("nothing", 6, second), ("t", 7, 7 * second))
    first = server.command(30)
    yield _push(server.told(), first)
    server.connect()  # not answered, so it comes again
    server.say(HELLO | {"config_version": 1})
    yield from _welcome(server.told())
    yield _push(server.told(), first)
    result = {"type": "command_result", "id": first, "state": "done", "value": 30.0, "error": None}
    for _ in range(2):
        server.say(result)
        yield {**server.told(), "id": None}
    overtaken, newer = server.command(40), None
    yield _push(server.told(), overtaken)
    newer = server.command(50)
    yield _push(server.told(), newer)
    server.connect()
    server.say(HELLO | {"config_version": 1})
    server.told()
    yield _push(server.told(), newer)  # and it alone
    yield frame(("t", 8, 8 * second))
    server.disable()
    yield frame(("t", 9, 9 * second))


def _welcome(message: Message) -> Iterator[Any]:
    assert message["type"] == "welcome"
    yield sorted((event["instance"], event["channel"], event["enabled"]) for event in message["events"])
    for instance in message["instances"]:
        yield [instance[key] for key in ("name", "plugin", "demo", "enabled", "interval_seconds", "config")]
        for channel in sorted(instance["channels"], key=lambda channel: str(channel["channel"])):
            yield [channel[key] for key in ("channel", "calibration", "report", "deadband", "heartbeat_seconds")]
            yield channel["safe_after_seconds"]
    assert abs(datetime.fromisoformat(message["time"]) - datetime.now(UTC)) < timedelta(minutes=1)


def _ack(message: Message) -> Message:
    rejected = [{key: item[key] for key in ("seq", "index", "reason")} for item in message["rejected"]]
    return {**message, "rejected": rejected}


def _push(message: Message, command_id: str) -> Message:
    assert message["id"] == command_id
    assert 590 < message["ttl"] <= 600
    times = dict.fromkeys(("ttl", "after_seconds", "id", "event_public_id"), None)
    return {**message, **times}


@pytest.fixture
def real(door: Door, people: People, sql: Sql) -> Iterator[Real]:
    real = Real(door.url, people.controller(), Drive(sql, people))
    with closing(real):
        yield real


def test_it_says_what_the_real_one_says(real: Real) -> None:
    told = list(spoken(real))
    assert list(spoken(Model())) == told
    assert len(told) > 20
