"""Sockets of a running sidecar, and events for them to measure."""

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.people import Caller, People
from tests.support.postgres import Connection

TELEMETRY = "/ws/controller/telemetry"
STREAM = "/ws/datapoints/stream"
SECONDS = 60
CUT = 1006
_numbers = itertools.count(1)

Message = dict[str, Any]


class Live:
    """Opens sockets and makes events."""

    def __init__(self, url: str, people: People, superuser: Connection) -> None:
        self._url = url.replace("http", "ws", 1)
        self._superuser = superuser
        self.people = people
        self.controller = people.controller()

    def listening(self) -> "Live":
        """The same, when the sidecar has begun to listen: until then a stream may be told to reload."""
        with self.stream() as stream:
            begun(stream)
            written, seen = self._write_log(), 0
            while seen < written:
                message = told(stream)
                if message["type"] == "reload":
                    written = self._write_log()
                seen = max((entry["id"] for entry in message.get("log_entries", [])), default=0)
        return self

    def _write_log(self) -> int:
        row = self._superuser.execute(
            "insert into private.log_entries (message) values ('Is anybody listening yet?') returning id"
        ).fetchone()
        assert row is not None
        return int(row[0])

    def event(self, controller: Caller | None = None) -> str:
        """The public id of a new event that a channel of this controller feeds."""
        row = self._superuser.execute(
            "with i as (insert into private.plugin_instances (controller_id, name, plugin) values (%(c)s, %(n)s, 'p')"
            "           returning id),"
            " e as (insert into private.events (name, unit, min_value, max_value) values (%(n)s, 'V', 0, 1)"
            "       returning id, public_id),"
            " m as (insert into private.channel_mappings (plugin_instance_id, channel, channel_name, unit, event_id)"
            "       select i.id, 'c', 'c', 'V', e.id from i, e)"
            " select public_id::text from e",
            {"c": (controller or self.controller).id, "n": f"live {next(_numbers)}"},
        ).fetchone()
        assert row is not None
        return str(row[0])

    def values(self, event: str) -> list[float]:
        """What is stored of it, in the order of time."""
        rows = self._superuser.execute(
            "select d.value from private.datapoints d join private.events e on e.id = d.event_id"
            " where e.public_id = %s order by d.ts",
            (event,),
        )
        return [row[0] for row in rows]

    @contextmanager
    def telemetry(self, caller: Caller | None = None) -> Iterator[ClientConnection]:
        """The socket of a controller."""
        with self._open(TELEMETRY, caller or self.controller) as socket:
            yield socket

    @contextmanager
    def stream(self, caller: Caller | None = None) -> Iterator[ClientConnection]:
        """The socket of a viewer, `connected` and the newest values still to be received."""
        with self._open(STREAM, caller or self.people.the("viewer")) as socket:
            yield socket

    def _open(self, path: str, caller: Caller) -> ClientConnection:
        protocols: Any = ["webmacs.v1", f"bearer.{caller.token}"]
        return connect(self._url + path, subprotocols=protocols, open_timeout=SECONDS, max_size=None)

    def url(self, path: str) -> str:
        """The address of a socket."""
        return self._url + path


def frame(seq: int | None, *points: Message) -> str:
    """A telemetry frame."""
    return json.dumps({"datapoints": points} if seq is None else {"seq": seq, "datapoints": points})


def point(event: str, value: float, timestamp: str | None = None, **more: Any) -> Message:
    """A point of a telemetry frame."""
    return {"event_public_id": event, "value": value, **({"timestamp": timestamp} if timestamp else {}), **more}


def told(socket: ClientConnection) -> Message:
    """The next message."""
    message: Message = json.loads(socket.recv(timeout=SECONDS))
    return message


def asked(socket: ClientConnection, text: str) -> Message:
    """Send it, and the next message."""
    socket.send(text)
    return told(socket)


def begun(socket: ClientConnection) -> tuple[Message, Message]:
    """The first two messages of a stream: connected, and the newest values."""
    return told(socket), told(socket)


def next_value(socket: ClientConnection, event: str) -> float:
    """The next value of this event."""
    while True:
        for sent in told(socket).get("datapoints", []):
            if sent["event_public_id"] == event:
                return float(sent["value"])


def closing_code(socket: ClientConnection) -> int:
    """Read until the server closes the socket; the code that it gives, or 1006 if it had to cut the connection."""
    with suppress(ConnectionClosed):
        while True:
            socket.recv(timeout=SECONDS)
    return CUT if socket.close_code is None else socket.close_code
