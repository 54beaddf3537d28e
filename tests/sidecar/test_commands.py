"""Commands over the telemetry socket: pushed once to the right one, answered, noted."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from websockets.sync.client import ClientConnection

from tests.sidecar.conftest import Door
from tests.sidecar.live import Live, Message, asked, frame, point, told
from tests.support.drive import Drive, Row, Valve
from tests.support.people import Caller, People
from tests.support.ports import free_port
from tests.support.run import Run
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

HELLO = json.dumps({"type": "hello", "software": "test", "instances": []})
LAST_WORD = json.dumps({"type": "what?"})
UNKNOWN = {
    "type": "error",
    "code": "unknown_type",
    "message": "This socket takes telemetry, hello, status, log and command_result.",
}


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    return Live(door.url, people, sql.superuser)


@pytest.fixture(scope="module")
def drive(sql: Sql, people: People) -> Drive:
    return Drive(sql, people)


@pytest.fixture(scope="module")
def other_live(config: Config, run: Run, people: People, sql: Sql, live: Live) -> Iterator[Live]:
    """Another sidecar on the same database."""
    environment = {"WEBMACS_SERVER_PORT": str(free_port()), "WEBMACS_AUTH_KEYS_DIR": str(run.folder / "var/keys")}
    with running_sidecar(sql.database.config(config.folder, **environment)) as url:
        yield Live(url, people, sql.superuser)


@contextmanager
def greeted(live: Live, controller: Caller) -> Iterator[ClientConnection]:
    """A socket of this controller on which it has said hello."""
    with live.telemetry(controller) as socket:
        assert asked(socket, HELLO)["type"] == "welcome"
        yield socket


def result(command: Message | Row, state: str = "done", **more: Any) -> str:
    number = command.get("public_id") or command["id"]
    return json.dumps({"type": "command_result", "id": str(number), "state": state} | more)


def nothing_else(socket: ClientConnection) -> bool:
    """Whether nothing was sent before the answer to this."""
    return asked(socket, LAST_WORD) == UNKNOWN


def pushed(socket: ClientConnection) -> Message:
    """The next message but `config`, which may follow what a test has just set up: a command."""
    message = past_config(told(socket), socket)
    assert message["type"] == "command"
    return message


def past_config(message: Message, socket: ClientConnection) -> Message:
    while message["type"] == "config":
        message = told(socket)
    return message


def test_there_and_back(live: Live, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        made = drive.set(valve.event, 40, ttl_seconds=60)
        command = pushed(socket)
        assert 0 < command.pop("ttl") <= 60
        assert 0 <= command.pop("after_seconds") < 60
        assert command == {
            "type": "command",
            "id": str(made["public_id"]),
            "event_public_id": str(made["event_public_id"]),
            "instance": valve.instance,
            "channel": "c",
            "value": 40,
            "after_seq": None,
            "interlocks": [],
        }
        assert drive.state(made) == "sent"
        answer = asked(socket, result(made, value=39.5))
    assert answer == {"type": "command_noted", "id": str(made["public_id"])}
    done = drive.command(made)
    assert (done["state"], done["value_read"], done["error"]) == ("done", 39.5, None)


def test_it_names_the_last_frame_that_was_read_before_it(live: Live, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        event = str(drive.set(valve.event, 40)["event_public_id"])
        pushed(socket)
        asked(socket, frame(17, point(event, 1)))
        drive.set(valve.event, 41)
        assert pushed(socket)["after_seq"] == 17


def test_the_audit_log_names_the_controller(live: Live, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        made = drive.set(valve.event, 40)
        pushed(socket)
        asked(socket, result(made, "failed", error="It sticks"))
    lines = drive.rows(
        drive.superuser,
        "select actor, new ->> 'state' as state from private.audit_log"
        " where table_name = 'commands' and row_id = %s order by id",
        str(made["id"]),
    )
    assert [(line["actor"], line["state"]) for line in lines] == [
        (made["requested_by"], "queued"),
        ("webmacs_sidecar", "sent"),
        (f"controller {valve.controller.name}", "failed"),
    ]


def test_its_interlocks_are_told(live: Live, drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source, "lt", 5, max_age=30)
    drive.measure(source, 1)
    with greeted(live, valve.controller) as socket:
        drive.set(valve.event, 40)
        (interlock,) = pushed(socket)["interlocks"]
    event = drive.rows(drive.superuser, "select public_id::text from private.events where id = %s", source)[0]
    assert interlock == {
        "event_public_id": event["public_id"],
        "instance": None,
        "channel": None,
        "operator": "lt",
        "threshold": 5,
        "threshold_high": None,
        "max_age": 30,
    }


def test_what_waits_comes_after_the_welcome(live: Live, drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 40)
    with live.telemetry(valve.controller) as socket:
        assert nothing_else(socket)
        assert asked(socket, HELLO)["type"] == "welcome"
        assert pushed(socket)["id"] == str(made["public_id"])


def test_an_older_socket_goes_on_when_the_newest_has_gone(live: Live, drive: Drive) -> None:
    """So a stranger with a stolen token who comes and goes leaves the controller its commands."""
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        with greeted(live, valve.controller) as newest:
            unanswered = drive.set(valve.event, 40)
            assert pushed(newest)["id"] == str(unanswered["public_id"])
        assert pushed(socket)["id"] == str(unanswered["public_id"])
        made = drive.set(valve.event, 41)
        assert pushed(socket)["id"] == str(made["public_id"])


def test_nothing_is_pushed_before_hello(live: Live, drive: Drive) -> None:
    valve, other = drive.valve(), drive.valve()
    with live.telemetry(valve.controller) as silent, greeted(live, other.controller) as socket:
        made = drive.set(valve.event, 40)
        drive.set(other.event, 40)
        pushed(socket)
        assert nothing_else(silent)
    assert drive.state(made) == "queued"


def test_only_the_newest_socket_gets_it(live: Live, other_live: Live, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as older, greeted(other_live, valve.controller) as newer:
        drive.set(valve.event, 1)
        pushed(newer)
        assert nothing_else(older)
        assert nothing_else(newer)


def test_an_older_socket_goes_and_the_newest_stays(live: Live, other_live: Live, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(other_live, valve.controller) as newest_later:
        with greeted(live, valve.controller) as older:
            asked(newest_later, HELLO)  # greeting again makes it the newest
            assert nothing_else(older)
        drive.set(valve.event, 1)
        pushed(newest_later)


def test_a_result_counts_whichever_socket_it_comes_over(live: Live, other_live: Live, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as older, greeted(other_live, valve.controller) as newer:
        made = drive.set(valve.event, 1)
        pushed(newer)
        assert asked(older, result(made))["type"] == "command_noted"
    assert drive.state(made) == "done"


def test_after_a_lost_connection_it_comes_again(live: Live, drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1)
    for _ in range(3):
        with greeted(live, valve.controller) as socket:
            assert pushed(socket)["id"] == str(made["public_id"])
    with greeted(live, valve.controller) as socket:
        pushed(socket)
        asked(socket, result(made))
    with greeted(live, valve.controller) as socket:
        assert nothing_else(socket)


def test_a_result_that_was_not_noted_comes_again(live: Live, drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1)
    with greeted(live, valve.controller) as socket:
        pushed(socket)
        for _ in range(2):
            assert asked(socket, result(made, value=1))["type"] == "command_noted"
        assert asked(socket, result(made, "failed"))["type"] == "command_noted"
    assert drive.state(made) == "done"


def test_what_is_notified_while_nobody_listens_is_not_lost(live: Live, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        drive.superuser.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'webmacs listen' and datname = current_database()"
        )
        made = drive.set(valve.event, 1)
        # the listener says that all may be different; the command may have been notified before, or be found after it
        heard = {message["type"]: message for message in (told(socket), told(socket))}
        assert heard.keys() == {"config", "command"}
        assert heard["command"]["id"] == str(made["public_id"])


def test_one_controllers_claim_holds_nobody_up(live: Live, drive: Drive) -> None:
    """Neither another controller's commands nor the acknowledgements on the same socket."""
    held, free = drive.valve(), drive.valve()
    event = live.event(held.controller)
    with greeted(live, held.controller) as stuck, greeted(live, free.controller) as socket:
        with drive.superuser.transaction():
            drive.superuser.execute(
                "select from private.controllers where id = %s for no key update", (held.controller.id,)
            )
            waiting = drive.set(held.event, 1)
            drive.set(free.event, 1)
            pushed(socket)
            assert past_config(asked(stuck, frame(1, point(event, 1))), stuck)["accepted"] == 1
        assert pushed(stuck)["id"] == str(waiting["public_id"])


# what the controller heard at its hello ------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "update private.channel_mappings set event_id = null where event_id = %s",
        "delete from private.channel_mappings where event_id = %s",
        "update private.plugin_instances i set enabled = false from private.channel_mappings m"
        " where m.plugin_instance_id = i.id and m.event_id = %s",
        "update private.events set archived_at = now() where id = %s",
        "select api.purge_event(%s)",
    ],
)
def test_a_controller_is_asked_to_say_hello_again(live: Live, drive: Drive, change: str) -> None:
    valve, other = drive.valve(), drive.valve()
    with greeted(live, valve.controller) as socket, greeted(live, other.controller) as bystander:
        drive.superuser.execute(change.encode(), (valve.event,))
        assert told(socket) == {"type": "config"}
        assert asked(socket, HELLO)["type"] == "welcome"
        assert nothing_else(bystander)


# hostile ----------------------------------------------------------------------


def test_the_result_of_a_stranger_is_noted_and_counts_for_nothing(live: Live, drive: Drive, people: People) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket, greeted(live, people.controller()) as stranger:
        made = drive.set(valve.event, 1)
        pushed(socket)
        assert asked(stranger, result(made, "failed"))["type"] == "command_noted"
        assert asked(stranger, result({"id": uuid4()}))["type"] == "command_noted"
    assert drive.state(made) == "sent"


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "command_result"}',
        '{"type": "command_result", "id": "ID"}',
        '{"type": "command_result", "id": "nonsense", "state": "done"}',
        '{"type": "command_result", "id": 17, "state": "done"}',
        '{"type": "command_result", "id": null, "state": "done"}',
        '{"type": "command_result", "id": "ID", "state": "queued"}',
        '{"type": "command_result", "id": "ID", "state": "superseded"}',
        '{"type": "command_result", "id": "ID", "state": null}',
        '{"type": "command_result", "id": "ID", "state": "done", "value": "1"}',
        '{"type": "command_result", "id": "ID", "state": "done", "value": true}',
        '{"type": "command_result", "id": "ID", "state": "done", "value": NaN}',
        '{"type": "command_result", "id": "ID", "state": "done", "value": Infinity}',
        '{"type": "command_result", "id": "ID", "state": "done", "value": 1e400}',
        '{"type": "command_result", "id": "ID", "state": "done", "value": ' + "9" * 400 + "}",
        '{"type": "command_result", "id": "ID", "state": "done", "error": 17}',
        '{"type": "command_result", "id": "ID", "state": "done", "error": "\\ud800"}',
        '{"type": "command_result", "id": "ID", "state": "done", "error": "' + "x" * 200_000 + '"}',
        '{"type": "command_result", "id": {"id": ' + "[" * 5000 + "]" * 5000 + '}, "state": "done"}',
    ],
)
def test_nonsense_is_answered_and_counts_for_nothing(live: Live, drive: Drive, text: str) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        made = drive.set(valve.event, 1)
        pushed(socket)
        assert asked(socket, text.replace("ID", str(made["public_id"])))["type"] == "error"
        assert drive.state(made) == "sent"
        assert asked(socket, result(made))["type"] == "command_noted"


@pytest.mark.parametrize(
    ("error", "kept"),
    [("\0It\0 sticks\0", "It sticks"), ("é😀" * 1000, "é😀" * 500), ("%s {} '; drop table", "%s {} '; drop table")],
)
def test_odd_words_are_just_words(live: Live, drive: Drive, error: str, kept: str) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        made = drive.set(valve.event, 1)
        pushed(socket)
        asked(socket, result(made, "failed", value=1e308, error=error))
    command = drive.command(made)
    assert (command["error"], command["value_read"]) == (kept, 1e308)


def test_a_flood_of_results(live: Live, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        made = drive.set(valve.event, 1)
        pushed(socket)
        ids = [str(uuid4()) for _ in range(500)]
        for number in ids:
            socket.send(result({"id": number}))
        assert [told(socket)["id"] for _ in ids] == ids
        assert asked(socket, result(made))["type"] == "command_noted"


@pytest.mark.parametrize("role", ["operator", "admin"])
def test_a_person_is_no_controller(live: Live, drive: Drive, people: People, role: str) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 1)
    with live.telemetry(people.the(role)) as socket:
        assert asked(socket, HELLO)["code"] == "not_a_controller"
        assert asked(socket, result(made))["code"] == "not_a_controller"
    assert drive.state(made) == "queued"


@pytest.mark.parametrize("payload", ["", "nonsense", "-1", "9" * 30, "\uff11", "\t1", "{}"])
def test_a_forged_notification_does_nothing(live: Live, drive: Drive, payload: str) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        drive.superuser.execute("select pg_notify('webmacs_commands', %s)", (payload,))
        drive.superuser.execute("select pg_notify('webmacs_commands', %s)", (str(valve.controller.id),))
        made = drive.set(valve.event, 1)
        assert pushed(socket)["id"] == str(made["public_id"])


def unanswered(drive: Drive, valve: Valve) -> Row:
    return drive.set(valve.event, 1)


def test_a_late_result(live: Live, drive: Drive) -> None:
    valve = drive.valve()
    with greeted(live, valve.controller) as socket:
        made = unanswered(drive, valve)
        pushed(socket)
        drive.tick(60)
        assert drive.state(made) == "outcome_unknown"
        asked(socket, result(made, value=1))
    assert drive.state(made) == "done"
