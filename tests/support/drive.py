"""Actuators, set points and interlocks, and commands for them."""

import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import dict_row

from tests.support.people import Caller, People
from tests.support.postgres import Connection
from tests.support.sql import Sql

_numbers = itertools.count(1)
Row = dict[str, Any]


@dataclass
class Valve:
    """An actuator of a controller; commands are pushed over `socket`."""

    event: int
    controller: Caller
    socket: UUID
    instance: str = ""


class Drive:
    """Makes what can be driven, drives it as an operator, and plays the sidecar."""

    def __init__(self, sql: Sql, people: People) -> None:
        self._people = people
        self.superuser = sql.superuser
        self.sidecar = sql.as_login("webmacs_sidecar")
        self.operator = sql.as_role("operator")

    def controller(self) -> Caller:
        """A new controller."""
        return self._people.controller()

    def valve(self, event_type: str = "actuator", direction: str = "output", controller: Caller | None = None) -> Valve:
        """Driven from 0 to 100 % by a channel of a controller, which is connected."""
        controller = controller or self.controller()
        event = self.event(event_type)
        name = f"instance {next(_numbers)}"
        instance = self.number(
            "insert into private.plugin_instances (controller_id, name, plugin) values (%s, %s, 'p') returning id",
            controller.id,
            name,
        )
        self.number(
            "insert into private.channel_mappings"
            " (plugin_instance_id, channel, channel_name, direction, unit, event_id)"
            " values (%s, 'c', 'c', %s, '%%', %s) returning id",
            instance,
            direction,
            event,
        )
        return Valve(event, controller, self.connect(controller), name)

    def event(self, event_type: str = "sensor") -> int:
        """An event from 0 to 100 % that no channel drives."""
        return self.number(
            "insert into private.events (name, event_type, unit, min_value, max_value)"
            " values (%s, %s, '%%', 0, 100) returning id",
            f"{event_type} {next(_numbers)}",
            event_type,
        )

    def name(self, event: int) -> str:
        """Its name."""
        return str(self.rows(self.superuser, "select name from private.events where id = %s", event)[0]["name"])

    def interlock(self, event: int, source: int, operator: str = "lte", *thresholds: float, max_age: float = 60) -> int:
        """The event may move only while the source fulfils this."""
        low, high, *_ = (*thresholds, None, None) if thresholds else (5, None)
        return self.number(
            "insert into private.interlocks"
            " (event_id, source_event_id, operator, threshold, threshold_high, max_age_seconds)"
            " values (%s, %s, %s, %s, %s, %s) returning id",
            event,
            source,
            operator,
            low,
            high,
            max_age,
        )

    def measure(self, event: int, value: float, *, seconds_ago: float = 0, quality: int = 192) -> None:
        """A value arrives now that was measured then."""
        self.superuser.execute(
            "select private.ingest(array[null::int], array[%s::int], array[%s::smallint],"
            " array[clock_timestamp() - %s * interval '1 second'], array[%s::float8])",
            (event, quality, seconds_ago, value),
        )

    def newest(self, event: int) -> float | None:
        """Its newest value."""
        rows = self.rows(self.superuser, "select value from private.latest where event_id = %s", event)
        return rows[0]["value"] if rows else None

    def set(self, event: int | None, value: float | None, by: Connection | None = None, **more: Any) -> Row:
        """rpc/set_value as an operator."""
        names = "".join(f", {name} => %s" for name in more)
        statement = f"select * from api.set_value(%s, %s{names})"
        return self.rows(by or self.operator, statement, event, value, *more.values())[0]

    def command(self, command: Row) -> Row:
        """How far it has come."""
        return self.rows(self.superuser, "select * from api.commands where id = %s", command["id"])[0]

    def state(self, command: Row) -> str:
        """Its state."""
        return str(self.command(command)["state"])

    def connect(self, controller: Caller) -> UUID:
        """A new socket of this controller, on which it says hello."""
        socket = uuid4()
        self.sidecar.execute("select private.take_commands(%s, %s)", (controller.id, socket))
        return socket

    def claim(self, valve: Valve, socket: UUID | None = None, *, again: bool = False) -> list[Row]:
        """What is pushed over its socket now."""
        statement = "select * from private.claim_commands(%s, %s, %s)"
        return self.rows(self.sidecar, statement, valve.controller.id, socket or valve.socket, again)

    def answer(self, controller: Caller, command: Row, state: str, value: float | None = None, error: str = "") -> None:
        """What the controller says about a command."""
        self.sidecar.execute(
            "select private.finish_commands(%s, %s, %s, %s::float8[], %s::text[])",
            (controller.id, [command["public_id"]], [state], [value], [error or None]),
        )

    def tick(self, seconds: float = 0) -> None:
        """The clock, so many seconds from now."""
        steps = "select private.tick_commands(at), private.tick_set_points(at)"
        self.superuser.execute(
            f"{steps} from (select clock_timestamp() + %s * interval '1 second' as at) t", (seconds,)
        )

    def number(self, statement: str, *parameters: object) -> int:
        """The one number that this answers."""
        row = self.superuser.execute(statement.encode(), parameters).fetchone()
        assert row is not None
        number: int = row[0]
        return number

    def rows(self, connection: Connection, statement: str, *parameters: object) -> list[Row]:
        """What this answers."""
        with connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(statement.encode(), parameters).fetchall()
