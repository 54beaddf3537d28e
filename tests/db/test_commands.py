"""Giving a command: who may, what is refused and in which words, once and only once."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.support.drive import Drive
from tests.support.sql import Sql

STRANGER = 2_000_000_000


def test_a_command_waits_for_its_controller(drive: Drive) -> None:
    valve = drive.valve()
    made = drive.set(valve.event, 40, reason="Warm up", ttl_seconds=60)
    assert (made["state"], made["value"], made["reason"]) == ("queued", 40, "Warm up")
    assert made["controller_id"] == valve.controller.id
    assert (made["expires_at"] - made["created_at"]).total_seconds() == 60
    assert made["sent_at"] is made["finished_at"] is None


def test_who_gave_it_is_written_down(drive: Drive, sql: Sql) -> None:
    made = drive.set(drive.valve().event, 40, reason="Warm up")
    assert made["requested_by"].startswith("operator")
    line = sql.superuser.execute(
        "select actor, new ->> 'reason', (new ->> 'value')::float8 from private.audit_log"
        " where table_name = 'commands' and operation = 'insert' and row_id = %s",
        (str(made["id"]),),
    ).fetchone()
    assert line == (made["requested_by"], "Warm up", 40)


@pytest.mark.parametrize("event_type", ["actuator", "range", "cmd_button", "cmd_opened", "cmd_closed"])
@pytest.mark.parametrize("direction", ["output", "bidirectional"])
def test_whatever_a_channel_drives_goes_to_its_controller(drive: Drive, event_type: str, direction: str) -> None:
    assert drive.set(drive.valve(event_type, direction).event, 0)["state"] == "queued"


@pytest.mark.parametrize("event_type", ["range", "cmd_button", "cmd_opened", "cmd_closed"])
def test_a_set_point_that_nothing_drives_is_stored_at_once(drive: Drive, event_type: str) -> None:
    event = drive.event(event_type)
    made = drive.set(event, 42)
    assert (made["state"], made["value_read"], made["controller_id"]) == ("done", 42, None)
    assert drive.newest(event) == 42


def test_a_set_point_replaces_a_value_that_is_dated_ahead(drive: Drive) -> None:
    event = drive.event("range")
    drive.measure(event, 1, seconds_ago=-300)
    assert drive.set(event, 42)["state"] == "done"
    assert drive.newest(event) == 42


def test_a_set_point_that_is_measured_is_stored_too(drive: Drive) -> None:
    valve = drive.valve("range", "input")
    assert drive.set(valve.event, 42)["state"] == "done"


@pytest.mark.parametrize("value", [0, 100])
def test_the_ends_of_the_range_belong_to_it(drive: Drive, value: float) -> None:
    assert drive.set(drive.valve().event, value)["value"] == value


# refusals ---------------------------------------------------------------------


def refusal(drive: Drive, event: int | None, value: float | None, **more: Any) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as refused:
        drive.set(event, value, **more)
    return refused.value.sqlstate, refused.value.diag.message_primary


@pytest.mark.parametrize("value", [-0.001, 100.001, 1e308])
def test_outside_the_range(drive: Drive, value: float) -> None:
    valve = drive.valve()
    words = f"value must be from 0 to 100 % for {drive.name(valve.event)}, not "
    status, message = refusal(drive, valve.event, value)
    assert status == "PT422"
    assert message is not None
    assert message.startswith(words)


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_no_number(drive: Drive, value: float | None) -> None:
    assert refusal(drive, drive.valve().event, value) == ("PT422", "value must be a finite number.")


@pytest.mark.parametrize("event", [None, STRANGER])
def test_no_event(drive: Drive, event: int | None) -> None:
    assert refusal(drive, event, 1) == ("PT404", f"There is no event {'null' if event is None else event}.")


def test_what_cannot_be_set(drive: Drive) -> None:
    event = drive.event("sensor")
    words = f"event_id must name what can be set, but {drive.name(event)} is a sensor."
    assert refusal(drive, event, 1) == ("PT422", words)


def test_an_archived_event(drive: Drive) -> None:
    valve = drive.valve()
    drive.superuser.execute("update private.events set archived_at = now() where id = %s", (valve.event,))
    assert refusal(drive, valve.event, 1) == ("PT409", f"{drive.name(valve.event)} is archived.")


@pytest.mark.parametrize("mapped", [False, True])
def test_an_actuator_that_nothing_drives(drive: Drive, mapped: bool) -> None:
    event = drive.valve(direction="input").event if mapped else drive.event("actuator")
    assert refusal(drive, event, 1) == ("PT409", f"{drive.name(event)} is driven by no channel.")


@pytest.mark.parametrize("event_type", ["actuator", "range"])
def test_a_disabled_instance(drive: Drive, event_type: str) -> None:
    valve = drive.valve(event_type)
    drive.superuser.execute(
        "update private.plugin_instances set enabled = false where controller_id = %s", (valve.controller.id,)
    )
    status, message = refusal(drive, valve.event, 1)
    assert status == "PT409"
    assert message is not None
    assert "which is disabled" in message


def test_a_disabled_controller(drive: Drive) -> None:
    valve = drive.valve()
    drive.superuser.execute("update private.controllers set enabled = false where id = %s", (valve.controller.id,))
    words = f"{drive.name(valve.event)} is driven by the controller {valve.controller.name}, which is disabled."
    assert refusal(drive, valve.event, 1) == ("PT409", words)


@pytest.mark.parametrize("ttl", [None, 0, 0.999, 3600.001, -1, float("nan"), float("inf")])
def test_a_time_to_live_out_of_bounds(drive: Drive, ttl: float | None) -> None:
    words = "ttl_seconds must be from 1 to 3600."
    assert refusal(drive, drive.valve().event, 1, ttl_seconds=ttl) == ("PT422", words)


@pytest.mark.parametrize("ttl", [1, 1.5, 3600])
def test_the_ends_of_the_time_to_live(drive: Drive, ttl: float) -> None:
    made = drive.set(drive.valve().event, 1, ttl_seconds=ttl)
    assert (made["expires_at"] - made["created_at"]).total_seconds() == ttl


@pytest.mark.parametrize("reason", ["", " \t", "x" * 501])
def test_a_reason_that_is_none(drive: Drive, reason: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="reason must be 1 to 500 characters"):
        drive.set(drive.valve().event, 1, reason=reason)


@pytest.mark.parametrize("role", ["viewer", "controller", "anon"])
def test_others_command_nothing(drive: Drive, sql: Sql, role: str) -> None:
    connection = sql.as_login("webmacs_authenticator")
    connection.execute(f"set role webmacs_{role}".encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        drive.set(drive.valve().event, 1, by=connection)


def test_nobody_writes_commands_by_hand(drive: Drive, sql: Sql) -> None:
    made = drive.set(drive.valve().event, 1)
    for statement in ("update api.commands set state = 'done' where id = %s", "delete from api.commands where id = %s"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.as_role("admin").execute(statement, (made["id"],))


# once and only once -------------------------------------------------------------


def test_a_repeated_request_has_one_effect(drive: Drive) -> None:
    valve = drive.valve()
    wish: dict[str, Any] = {"reason": "Again", "ttl_seconds": 12.5, "public_id": uuid4()}
    first, second = (drive.set(valve.event, 7, **wish) for _ in range(2))
    assert first == second
    assert first["public_id"] == wish["public_id"]
    assert len(drive.claim(valve)) == 1


def test_a_repeated_request_is_answered_whatever_has_become_of_it(drive: Drive) -> None:
    valve = drive.valve()
    wish: dict[str, Any] = {"public_id": uuid4()}
    made = drive.set(valve.event, 7, **wish)
    drive.claim(valve)
    drive.answer(valve.controller, made, "done", 7)
    drive.superuser.execute("update private.events set archived_at = now() where id = %s", (valve.event,))
    assert drive.set(valve.event, 7, **wish)["state"] == "done"


@pytest.mark.parametrize(("value", "more"), [(8, {}), (7, {"reason": "Other"}), (7, {"ttl_seconds": 31})])
def test_a_public_id_counts_for_one_content(drive: Drive, value: float, more: dict[str, Any]) -> None:
    valve, public_id = drive.valve(), uuid4()
    drive.set(valve.event, 7, public_id=public_id)
    words = ("PT409", "public_id is taken by another command.")
    assert refusal(drive, valve.event, value, public_id=public_id, **more) == words


def test_a_public_id_is_its_users_own(drive: Drive, sql: Sql) -> None:
    valve, public_id = drive.valve(), uuid4()
    drive.set(valve.event, 7, public_id=public_id)
    with pytest.raises(psycopg.Error, match="public_id is taken"):
        drive.set(valve.event, 7, by=sql.as_role("admin"), public_id=public_id)


@pytest.mark.parametrize("same_id", [True, False])
def test_many_at_once(drive: Drive, sql: Sql, same_id: bool) -> None:
    valve, public_id, crowd = drive.valve(), uuid4(), 6
    connections = [sql.as_login("postgres") for _ in range(crowd)]
    barrier = Barrier(crowd)

    def command(place: int) -> int:
        barrier.wait()
        more: dict[str, Any] = {"public_id": public_id} if same_id else {}
        made = drive.set(valve.event, 5 if same_id else place, by=connections[place], **more)
        return int(made["id"])

    with ThreadPoolExecutor(crowd) as pool:
        made = sorted(pool.map(command, range(crowd)))
    (pushed,) = drive.claim(valve)
    assert len(set(made)) == (1 if same_id else crowd)
    assert drive.state({"id": made[-1]}) == "sent"
    assert {drive.state({"id": number}) for number in made[:-1]} <= {"superseded", "sent"}
    assert pushed["value"] == drive.command({"id": made[-1]})["value"]


# live -------------------------------------------------------------------------


def test_changes_are_announced_by_number_alone(drive: Drive, sql: Sql) -> None:
    valve = drive.valve()
    listener = sql.as_login("webmacs_sidecar")
    listener.execute("listen webmacs_changes")
    listener.execute("listen webmacs_commands")
    made = drive.set(valve.event, 7)
    drive.claim(valve)
    heard = [(notice.channel, notice.payload) for notice in listener.notifies(timeout=10, stop_after=3)]
    change = json.dumps({"topic": "command", "ids": [made["id"]]})
    assert [(channel, json.loads(payload)) for channel, payload in heard] == [
        ("webmacs_changes", json.loads(change)),
        ("webmacs_commands", valve.controller.id),
        ("webmacs_changes", json.loads(change)),
    ]


def test_the_sidecar_reads_what_changed(drive: Drive) -> None:
    made = drive.set(drive.valve().event, 7)
    ((row,),) = drive.sidecar.execute("select private.live_commands(%s)", ([made["id"], 2**60],)).fetchall()
    assert row.keys() == made.keys()
    assert (row["id"], row["state"]) == (made["id"], "queued")
