"""Controllers that connect to a sidecar are shown as connected, whatever becomes of sidecar and database."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from websockets.sync.client import ClientConnection

from tests.sidecar.live import SECONDS, Live, begun, told
from tests.sidecar.test_health import unreachable
from tests.support.database import Database
from tests.support.people import Caller, People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

TELL = (
    "create function tell() returns trigger language plpgsql as 'begin notify controllers; return null; end'",
    "create trigger tell after update on private.controllers execute function tell()",
    "listen controllers",
)


@pytest.fixture(scope="module")
def live(config: Config, people: People, sql: Sql) -> Iterator[Live]:
    for statement in TELL:
        sql.superuser.execute(statement)
    with running_sidecar(config) as url:
        yield Live(url, people, sql.superuser).listening()


def wait_until(sql: Sql, controller: Caller, *, connected: bool) -> None:
    """Until the table of controllers says so."""
    while is_connected(sql, controller) != connected:
        assert next(sql.superuser.notifies(timeout=SECONDS), None), f"connected is not {connected}"


def is_connected(sql: Sql, controller: Caller) -> bool:
    row = sql.superuser.execute(
        "select connected_at is not null from private.controllers where id = %s", (controller.id,)
    ).fetchone()
    return row == (True,)


def next_entry(stream: ClientConnection) -> str:
    while True:
        for entry in told(stream).get("log_entries", []):
            return str(entry["message"])


def test_as_long_as_it_has_a_socket(live: Live, sql: Sql) -> None:
    controller = live.people.controller()
    with live.telemetry(controller):
        wait_until(sql, controller, connected=True)
    wait_until(sql, controller, connected=False)


def test_one_of_two_sockets_is_enough(live: Live, sql: Sql) -> None:
    controller, other = live.people.controller(), live.people.controller()
    with live.telemetry(controller):
        with live.telemetry(controller):
            wait_until(sql, controller, connected=True)
        with live.telemetry(other):
            wait_until(sql, other, connected=True)  # so the end of the socket before is noted
            assert is_connected(sql, controller)


def test_who_watches_the_log_sees_it(live: Live) -> None:
    controller = live.people.controller()
    with live.stream() as stream:
        begun(stream)
        with live.telemetry(controller):
            while next_entry(stream) != f"The controller {controller.name} connected.":
                pass


def test_who_left_while_the_database_was_away(live: Live, sql: Sql, database: Database) -> None:
    controller = live.people.controller()
    with live.telemetry(controller):
        wait_until(sql, controller, connected=True)
        gone = unreachable(database)
        gone.__enter__()
    gone.__exit__(None, None, None)
    wait_until(sql, controller, connected=False)


def test_when_the_sidecar_ends_they_are_gone(config: Config, people: People, sql: Sql) -> None:
    server = replace(config.server, port=free_port())
    controller = people.controller()
    with ExitStack() as sockets:
        with running_sidecar(replace(config, server=server)) as url:
            sockets.enter_context(Live(url, people, sql.superuser).telemetry(controller))
            wait_until(sql, controller, connected=True)
        assert not is_connected(sql, controller)
