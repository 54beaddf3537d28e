"""The sidecar is killed at the worst moments of a command: it is neither lost nor carried out unseen."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.faults.installation import Installation
from tests.support.drive import Drive, Row
from tests.support.people import Caller

SECONDS = 60
Message = dict[str, Any]


@contextmanager
def greeted(installation: Installation, controller: Caller) -> Iterator[ClientConnection]:
    protocols: Any = ["webmacs.v1", f"bearer.{controller.token}"]
    url = f"ws://{installation.sidecar.url}/ws/controller/telemetry"
    with connect(url, subprotocols=protocols, open_timeout=SECONDS) as socket:
        assert asked(socket, {"type": "hello", "instances": []})["type"] == "welcome"
        yield socket


def told(socket: ClientConnection) -> Message:
    message: Message = json.loads(socket.recv(timeout=SECONDS))
    return message


def asked(socket: ClientConnection, message: Message) -> Message:
    socket.send(json.dumps(message))
    return told(socket)


def result(command: Row) -> Message:
    return {"type": "command_result", "id": str(command["public_id"]), "state": "done", "value": 1}


def restart(installation: Installation) -> None:
    installation.sidecar.kill()
    installation.sidecar.start()


def test_between_the_push_and_the_result(installation: Installation, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(installation, valve.controller) as socket:
        made = drive.set(valve.event, 1, ttl_seconds=600)
        first = told(socket)
        restart(installation)
    assert drive.state(made) == "sent"
    with greeted(installation, valve.controller) as socket:
        assert told(socket)["id"] == first["id"]
        assert asked(socket, result(made))["type"] == "command_noted"
    assert drive.state(made) == "done"


def test_between_the_result_and_the_word_that_it_is_noted(installation: Installation, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(installation, valve.controller) as socket:
        made = drive.set(valve.event, 1, ttl_seconds=600)
        told(socket)
        socket.send(json.dumps(result(made)))
        restart(installation)
    with greeted(installation, valve.controller) as socket:
        # whether the first one was stored, nobody can know: then the command comes again
        answers = [asked(socket, result(made))]
        if answers[0]["type"] == "command":
            answers.append(told(socket))
    assert answers[-1] == {"type": "command_noted", "id": str(made["public_id"])}
    assert drive.state(made) == "done"


def test_what_is_commanded_while_no_sidecar_runs(installation: Installation, drive: Drive) -> None:
    valve = drive.valve()
    installation.sidecar.kill()
    made = drive.set(valve.event, 1, ttl_seconds=600)
    installation.sidecar.start()
    with greeted(installation, valve.controller) as socket:
        assert told(socket)["id"] == str(made["public_id"])


def test_postgresql_is_killed_between_the_push_and_the_result(installation: Installation, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(installation, valve.controller) as socket:
        made = drive.set(valve.event, 1, ttl_seconds=600)
        told(socket)
        installation.kill_postgres()
        answer = asked(socket, result(made))
        # it may come again, for the controller knows that it did it; what changed meanwhile may be told too
        while answer["type"] in ("command", "config"):
            answer = told(socket)
    assert answer["type"] == "command_noted"
    with installation.database.connect() as superuser:
        state = superuser.execute("select state from private.commands where id = %s", (made["id"],)).fetchone()
    assert state == ("done",)
