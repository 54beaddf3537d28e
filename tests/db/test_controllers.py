"""Which controllers are connected, however sidecars come and go, and who is told of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.people import Caller, People
from tests.support.postgres import Connection
from tests.support.sql import Sql


class Sidecar:
    """Reports whose sockets it holds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._id: UUID = uuid4()

    def holds(self, *controllers: Caller) -> None:
        self._connection.execute(
            "select private.report_presence(%s, %s::int[])", (self._id, [controller.id for controller in controllers])
        )


class Hall:
    """Sidecars, controllers, and the clock, in a database where nobody else is."""

    def __init__(self, sql: Sql, people: People) -> None:
        self._sql = sql
        self._people = people
        self.controller = people.controller

    def sidecar(self) -> Sidecar:
        return Sidecar(self._sql.as_login("webmacs_sidecar"))

    def connected(self, controller: Caller) -> bool:
        return bool(self._of(controller, "connected_at is not null"))

    def since(self, controller: Caller) -> datetime:
        since: datetime = self._of(controller, "connected_at")
        return since

    def tick(self, seconds: float = 0) -> None:
        """The clock ticks, as if so much time had passed."""
        self._sql.superuser.execute("select private.tick_controllers(%s)", (later(seconds),))

    def told(self, controller: Caller) -> list[tuple[str, str]]:
        """Levels and messages in the log about it."""
        return self._sql.superuser.execute(
            "select level::text, message from private.log_entries where strpos(message, %s || ' ') > 0 order by id",
            (controller.name,),
        ).fetchall()

    def _of(self, controller: Caller, what: str) -> Any:
        row = self._sql.superuser.execute(
            f"select {what} from private.controllers where id = %s".encode(), (controller.id,)
        ).fetchone()
        assert row is not None
        return row[0]


def later(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


@pytest.fixture(scope="module")
def hall(sql: Sql, people: People) -> Hall:
    return Hall(sql, people)


def test_connected_as_long_as_a_sidecar_holds_a_socket(hall: Hall) -> None:
    sidecar, controller = hall.sidecar(), hall.controller()
    assert not hall.connected(controller)
    sidecar.holds(controller)
    since = hall.since(controller)
    sidecar.holds(controller)
    assert hall.since(controller) == since
    sidecar.holds()
    assert not hall.connected(controller)


def test_a_controller_that_moves_to_another_sidecar_stays_connected(hall: Hall) -> None:
    """The old sidecar may notice later that its socket is dead."""
    first, second, controller = hall.sidecar(), hall.sidecar(), hall.controller()
    first.holds(controller)
    since = hall.since(controller)
    second.holds(controller)
    first.holds()
    assert hall.since(controller) == since
    second.holds()
    assert not hall.connected(controller)


def test_a_report_does_not_concern_the_controllers_of_others(hall: Hall) -> None:
    first, second, one, other = hall.sidecar(), hall.sidecar(), hall.controller(), hall.controller()
    first.holds(one)
    second.holds(other)
    second.holds()
    assert hall.connected(one)


def test_a_controller_that_was_deleted_meanwhile(hall: Hall, sql: Sql) -> None:
    sidecar, stays, goes = hall.sidecar(), hall.controller(), hall.controller()
    sidecar.holds(stays, goes)
    sql.superuser.execute("delete from private.controllers where id = %s", (goes.id,))
    sidecar.holds(stays, goes)
    assert hall.connected(stays)


def test_who_connects_and_leaves_is_told(hall: Hall) -> None:
    sidecar, controller = hall.sidecar(), hall.controller()
    sidecar.holds(controller)
    hall.tick()
    hall.tick(1)
    connected = ("info", f"The controller {controller.name} connected.")
    assert hall.told(controller) == [connected]
    sidecar.holds()
    hall.tick(9)
    assert hall.told(controller) == [connected]
    hall.tick(11)
    hall.tick(12)
    gone = ("warning", f"The controller {controller.name} is not connected any more.")
    assert hall.told(controller) == [connected, gone]


def test_a_quick_reconnect_is_not_told(hall: Hall) -> None:
    sidecar, controller = hall.sidecar(), hall.controller()
    for _ in range(5):
        sidecar.holds(controller)
        hall.tick()
        sidecar.holds()
        hall.tick(5)
    assert len(hall.told(controller)) == 1


def test_who_was_there_between_two_ticks_only_is_not_told(hall: Hall) -> None:
    sidecar, controller = hall.sidecar(), hall.controller()
    sidecar.holds(controller)
    sidecar.holds()
    hall.tick(60)
    assert hall.told(controller) == []


def test_a_sidecar_that_was_killed_is_found_out_within_a_minute(hall: Hall) -> None:
    sidecar, controller = hall.sidecar(), hall.controller()
    sidecar.holds(controller)
    for second in range(50):
        hall.tick(second)
    assert hall.connected(controller)
    hall.tick(52)
    assert not hall.connected(controller)
    assert len(hall.told(controller)) == 2


def test_after_an_outage_of_the_database_nobody_is_taken_for_gone_at_once(hall: Hall) -> None:
    sidecar, controller = hall.sidecar(), hall.controller()
    sidecar.holds(controller)
    hall.tick(600)
    hall.tick(615)
    assert hall.connected(controller)
    sidecar.holds(controller)
    hall.tick(0)
    assert hall.connected(controller)
    assert len(hall.told(controller)) == 1


def test_webhooks_are_told(hall: Hall, sql: Sql) -> None:
    sql.superuser.execute(
        "insert into private.webhooks (name, url, secret, types)"
        " values ('presence', 'https://example.org', 'whsec_' || repeat('A', 32), '{controller.*}')"
    )
    sidecar, one, other = hall.sidecar(), hall.controller(), hall.controller()
    sidecar.holds(one, other)
    hall.tick()
    sidecar.holds()
    hall.tick(11)
    deliveries = sql.superuser.execute(
        "select type, body::json #>> '{data,controller}' from private.webhook_deliveries order by id"
    ).fetchall()
    assert [d for d in deliveries if d[1] in (one.name, other.name)] == [
        ("controller.connected", one.name),
        ("controller.connected", other.name),
        ("controller.disconnected", one.name),
        ("controller.disconnected", other.name),
    ]


def test_the_clock_does_it(hall: Hall, sql: Sql) -> None:
    sidecar, controller = hall.sidecar(), hall.controller()
    sidecar.holds(controller)
    sql.as_login("webmacs_sidecar").execute("select private.tick()")
    assert len(hall.told(controller)) == 1
