"""A controller keeps its configuration in the database: hello, welcome, config and status over its socket."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.types.json import Jsonb
from websockets.sync.client import ClientConnection

from tests.sidecar.live import SECONDS, Live, asked, frame, point, told
from tests.support.hello import Message, channel, plugin
from tests.support.people import Caller, People
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

INSTANCE: Message = {
    "name": "Boiler",
    "plugin": "bus",
    "interval_seconds": 0.5,
    "config": {"host": "boiler.local", "password": "correct horse"},
    "channels": [channel("t")],
}
END_REPORTS = """
    select pg_terminate_backend(pid) from pg_stat_activity
    where starts_with(query, 'select private.report_status') and wait_event_type = 'Lock'
      and datname = current_database()
"""
HELLO_WAITS = """
    select from pg_stat_activity
    where query like '%private.controller_hello%' and wait_event = 'advisory' and datname = current_database()
"""
PING = json.dumps({"seq": 1, "datapoints": [{"event_public_id": "x", "value": 1}]})


@pytest.fixture(scope="module")
def live(config: Config, people: People, sql: Sql) -> Iterator[Live]:
    sql.superuser.execute(
        "create function tell() returns trigger language plpgsql as 'begin notify told; return null; end'"
    )
    sql.superuser.execute("create trigger tell after update on private.plugin_instances execute function tell()")
    sql.superuser.execute("listen told")
    with running_sidecar(config) as url:
        yield Live(url, people, sql.superuser).listening()


@pytest.fixture
def controller(people: People) -> Caller:
    return people.controller()


def greet(socket: ClientConnection, *instances: Message, **more: Any) -> Message:
    """The welcome."""
    message = {"type": "hello", "plugins": [plugin()], "instances": instances or [INSTANCE], **more}
    return asked(socket, json.dumps(message))


def quiet(socket: ClientConnection) -> bool:
    """Whether nothing else was sent before the answer to a frame."""
    return bool(asked(socket, PING)["type"] == "ack")


def change(sql: Sql, controller: Caller, assignment: str, *values: object) -> None:
    sql.superuser.execute(
        f"update private.plugin_instances set {assignment} where controller_id = %s".encode(), (*values, controller.id)
    )


def state(sql: Sql, controller: Caller) -> tuple[Any, ...]:
    row = sql.superuser.execute(
        "select i.status, i.status_detail, i.setting_error, m.status from private.plugin_instances i"
        " join private.channel_mappings m on m.plugin_instance_id = i.id where i.controller_id = %s",
        (controller.id,),
    ).fetchone()
    assert row is not None
    return row


def wait_for(sql: Sql, controller: Caller, expected: tuple[Any, ...]) -> None:
    while state(sql, controller) != expected:
        assert next(sql.superuser.notifies(timeout=SECONDS), None), f"It is still {state(sql, controller)}."


def report(status: str, **more: Any) -> str:
    instance = {"name": "Boiler", "state": status, "channels": [{"id": "t", "state": "ok"}], **more}
    return json.dumps({"type": "status", "instances": [instance]})


# hello and welcome ------------------------------------------------------------------


def test_the_welcome_tells_how_it_shall_run(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        welcome = greet(socket)
        assert quiet(socket)  # what its own hello has changed it knows
    assert welcome["type"] == "welcome"
    assert welcome["time"].endswith("+00:00")
    assert welcome["instances"][0]["config"] == INSTANCE["config"]


def test_a_change_is_told_and_the_next_welcome_has_it(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        version = greet(socket)["config_version"]
        change(sql, controller, "interval_seconds = 0.01")
        assert told(socket) == {"type": "config"}
        welcome = greet(socket, config_version=version)
        assert welcome["config_version"] == version + 1
        assert welcome["instances"][0]["interval_seconds"] == 0.01
        assert quiet(socket)


def test_fifty_changes_are_told_once_until_the_hello_that_hears_of_them_all(
    live: Live, sql: Sql, controller: Caller
) -> None:
    with live.telemetry(controller) as socket:
        version = greet(socket)["config_version"]
        for seconds in range(2, 52):
            change(sql, controller, "interval_seconds = %s", seconds)
        assert told(socket) == {"type": "config"}
        live.listening()  # until what was notified before has been heard
        assert quiet(socket)
        assert greet(socket, config_version=version)["config_version"] == version + 50
        assert quiet(socket)


def test_what_is_changed_while_a_hello_waits_is_in_its_welcome(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        version = greet(socket)["config_version"]
        with sql.superuser.transaction(), sql.as_login("postgres") as another:
            sql.superuser.execute("select pg_advisory_xact_lock(hashtext('private.controller_hello'))")
            socket.send(json.dumps({"type": "hello", "config_version": version}))
            while not another.execute(HELLO_WAITS).fetchall():
                pass
            change(sql, controller, "interval_seconds = 3")
        assert told(socket)["config_version"] == version + 1
        live.listening()  # until what was notified before has been heard
        assert quiet(socket)


def test_a_hello_that_is_refused_is_no_end_of_telling(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        greet(socket)
        assert asked(socket, json.dumps({"type": "hello", "instances": 1}))["code"] == "bad_hello"
        change(sql, controller, "interval_seconds = 3")
        assert told(socket) == {"type": "config"}


def test_numbers_arrive_as_they_were_written(live: Live, sql: Sql, controller: Caller) -> None:
    numbers = {"big": 2**70, "small": 1e-300, "large": 1e300, "exact": 0.1}
    with live.telemetry(controller) as socket:
        welcome = greet(socket, INSTANCE | {"plugin": "other", "config": numbers})
    config = welcome["instances"][0]["config"]
    assert config["big"] == 2**70
    assert {name: float(number) for name, number in config.items()} == numbers


def test_what_was_deleted_is_not_adopted_again(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        version = greet(socket)["config_version"]
        sql.superuser.execute("delete from private.plugin_instances where controller_id = %s", (controller.id,))
        assert told(socket) == {"type": "config"}
        welcome = greet(socket, config_version=version)
        assert (welcome["events"], welcome["instances"]) == ([], [])


@pytest.mark.parametrize("payload", ["", "x", "{id}", "{id}:", "{id}:x", "{id}:-1", "{id}:1", ":9", "9" * 30 + ":9"])
def test_a_notification_that_anybody_may_send_does_no_harm(
    payload: str, live: Live, sql: Sql, controller: Caller
) -> None:
    with live.telemetry(controller) as socket:
        greet(socket)
        sql.superuser.execute("select pg_notify('webmacs_configuration', %s)", (payload.format(id=controller.id),))
        change(sql, controller, "interval_seconds = 7")
        assert told(socket) == {"type": "config"}
        assert quiet(socket)


def test_one_that_claims_a_version_that_is_not_there_costs_one_hello(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        greet(socket)
        sql.superuser.execute("select pg_notify('webmacs_configuration', %s)", (f"{controller.id}:{10**18}",))
        assert told(socket) == {"type": "config"}
        greet(socket)
        assert quiet(socket)
        change(sql, controller, "interval_seconds = 7")
        assert told(socket) == {"type": "config"}


def test_values_of_a_disabled_instance_are_refused(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        event = greet(socket)["events"][0]["event_public_id"]
        values = [frame(number, point(event, number, f"2026-11-21T07:24:0{number}Z")) for number in range(3)]
        assert asked(socket, values[0])["accepted"] == 1
        change(sql, controller, "enabled = false")
        assert told(socket) == {"type": "config"}
        (refused,) = asked(socket, values[1])["rejected"]
        assert (refused["event_public_id"], refused["reason"]) == (event, "disabled")
        assert greet(socket)["events"][0]["enabled"] is False
        change(sql, controller, "enabled = true")
        assert told(socket) == {"type": "config"}
        assert asked(socket, values[2])["accepted"] == 1
    assert live.values(event) == [0, 2]


# status -------------------------------------------------------------------------


def test_a_status_is_noted(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        greet(socket)
        socket.send(report("error", detail="no answer", setting_error="config.port must be …"))
        wait_for(sql, controller, ("error", "no answer", "config.port must be …", "ok"))
        socket.send(report("connected"))
        wait_for(sql, controller, ("connected", None, None, "ok"))
        assert quiet(socket)


def test_of_many_the_last_counts(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        greet(socket)
        for number in range(200):
            socket.send(report("error", detail=str(number)))
        wait_for(sql, controller, ("error", "199", None, "ok"))


def test_a_status_that_the_database_could_not_take_is_noted_later(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket, sql.as_login("postgres") as another:
        greet(socket)
        with sql.superuser.transaction():
            sql.superuser.execute(
                "select from private.plugin_instances where controller_id = %s for update", (controller.id,)
            )
            socket.send(report("connected"))
            # it waits for us, and then the connection is gone
            while not another.execute(END_REPORTS).fetchall():
                pass
        wait_for(sql, controller, ("connected", None, None, "ok"))


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ({"type": "status"}, "instances must be a list"),
        ({"type": "status", "instances": {"name": "Boiler"}}, "instances must be a list"),
        ({"type": "status", "instances": [{"name": "Boiler", "state": "fine"}]}, "status must be unknown, connected"),
        ({"type": "status", "instances": [{"name": "Boiler", "detail": "\0"}]}, "Unicode"),
    ],
)
def test_a_status_that_makes_no_sense_is_refused(
    message: Message, word: str, live: Live, sql: Sql, controller: Caller
) -> None:
    with live.telemetry(controller) as socket:
        greet(socket)
        refused = asked(socket, json.dumps(message))
        assert (refused["type"], refused["code"]) == ("error", "bad_status")
        assert word in refused["message"]
        socket.send(report("connected"))
        wait_for(sql, controller, ("connected", None, None, "ok"))


def test_a_person_has_no_status(live: Live, people: People) -> None:
    with live.telemetry(people.the("operator")) as socket:
        assert asked(socket, report("connected"))["code"] == "not_a_controller"


def test_it_reports_only_its_own(live: Live, sql: Sql, controller: Caller, people: People) -> None:
    with live.telemetry(controller) as socket, live.telemetry(people.controller()) as stranger:
        greet(socket)
        greet(stranger, {"name": "Other", "plugin": "p", "channels": []})
        stranger.send(report("error"))
        stranger.send(report("error", name="Other"))
        while (
            sql.superuser.execute(
                "select from private.plugin_instances where name = 'Other' and status = 'error'"
            ).fetchall()
            == []
        ):
            assert next(sql.superuser.notifies(timeout=SECONDS), None)
        assert state(sql, controller)[0] == "unknown"


def test_secrets_go_to_the_controller_alone(live: Live, sql: Sql, controller: Caller) -> None:
    with live.telemetry(controller) as socket:
        greet(socket)
        change(sql, controller, "secrets = %s", Jsonb({"password": "battery staple"}))
        assert told(socket) == {"type": "config"}
        assert greet(socket, config_version=1)["instances"][0]["config"]["password"] == "battery staple"
