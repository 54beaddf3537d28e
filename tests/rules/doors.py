"""The three ways in: private.ingest in psql, rpc/ingest through PostgREST, the telemetry socket of a sidecar."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.sync.client import connect

from tests.db import ingest
from tests.rules.reference import Point
from tests.support.database import Database
from tests.support.plain import PLAIN

SECONDS = 60


@dataclass(frozen=True)
class Sent:
    """A point on its way to an event."""

    event_id: int
    event_public_id: str
    point: Point

    def as_json(self) -> dict[str, Any]:
        return {
            "event_public_id": self.event_public_id,
            "value": self.point.value,
            "timestamp": self.point.ts.isoformat(),
            "quality": self.point.quality,
        }


# Sends a batch and waits until it is committed.
Feed = Callable[[Sequence[Sent]], None]
# Opens a connection of its own.
Door = Callable[[], AbstractContextManager[Feed]]


@contextmanager
def psql(database: Database) -> Iterator[Feed]:
    with database.connect("webmacs_sidecar") as connection:
        send = ingest.Ingest(connection)
        yield lambda batch: send_points(send, batch)


def send_points(send: ingest.Ingest, batch: Sequence[Sent]) -> None:
    """One call of private.ingest."""
    send(*(ingest.Point(sent.event_id, sent.point.value, sent.point.ts, sent.point.quality) for sent in batch))


@contextmanager
def rest(url: str, token: str) -> Iterator[Feed]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, **PLAIN) as client:

        def feed(batch: Sequence[Sent]) -> None:
            answer = client.post("/rpc/ingest", json={"points": [sent.as_json() for sent in batch]})
            assert answer.status_code == 200, answer.text

        yield feed


@contextmanager
def websocket(url: str, token: str) -> Iterator[Feed]:
    protocols: Any = ["webmacs.v1", f"bearer.{token}"]
    address = url.replace("http", "ws", 1) + "/ws/controller/telemetry"
    with connect(address, subprotocols=protocols, open_timeout=SECONDS, proxy=None) as socket:

        def feed(batch: Sequence[Sent]) -> None:
            socket.send(json.dumps({"seq": 1, "datapoints": [sent.as_json() for sent in batch]}))
            ack = json.loads(socket.recv(timeout=SECONDS))
            assert ack["type"] == "ack", ack

        yield feed
