"""The rules of a new installation, on the values that its simulated reactor gives."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from webmacs_controller.plugins.simulated.channels import INSTRUMENTS
from webmacs_controller.plugins.simulated.process import Process
from webmacs_controller.plugins.simulated.program import PERIOD, actuators

from tests.cli.conftest import Command
from tests.support.database import Database
from tests.support.postgres import Connection
from webmacs.demo import make_rules

RULES = {"Bed heats fast", "Bed hot", "Bed overheats", "Reactor silent"}
HEATED_BY_HAND = (100.0, 45.0)


@pytest.fixture
def connection(webmacs: Command, fresh_database: Database) -> Iterator[Connection]:
    """To a new installation whose controller has said which channels it has."""
    assert webmacs("demo", "--days", "1", WEBMACS_DATABASE_ADMIN_URI=fresh_database.uri("postgres")).returncode == 0
    with psycopg.connect(fresh_database.uri("postgres"), autocommit=True) as connection:
        connection.execute("truncate private.latest, private.datapoints")
        make(connection)
        yield connection


def make(connection: Connection) -> None:
    """As each start of `webmacs up` does."""
    with connection.transaction():
        make_rules(connection)


def names(connection: Connection) -> set[str]:
    return {name for (name,) in connection.execute("select name from api.rules")}


def run(connection: Connection, seconds: float, by_hand: tuple[float, float] | None = None) -> datetime:
    """Let the reactor run for so long until now, and store what it measures twice a second. Returns the begin."""
    begin = datetime.now(UTC) - timedelta(seconds=seconds)
    process, points = Process(), []
    for half in range(int(seconds * 2)):
        process.heater, process.valve = by_hand or actuators(half / 2)
        process.advance(0.5)
        at = begin + timedelta(seconds=half / 2)
        points += [(one.channel.id, at, one.value(process)) for one in INSTRUMENTS]
    channels, times, values = zip(*points, strict=True)
    connection.execute(
        """select private.ingest(null, array_agg(m.event_id order by p.place), array_agg(192::smallint),
                                 array_agg(p.at order by p.place), array_agg(p.value order by p.place))
             from unnest(%s::text[], %s::timestamptz[], %s::float8[]) with ordinality as p (channel, at, value, place)
             join private.channel_mappings m on m.channel = p.channel""",
        [list(channels), list(times), list(values)],
    )
    return begin


def seconds_to(temperature: float, heater: float, valve: float) -> float:
    """How long the cold bed takes to become so hot, in °C."""
    process, seconds = Process(), 0.0
    process.heater, process.valve = heater, valve
    while process.reactor < temperature:
        process.advance(0.5)
        seconds += 0.5
    return seconds


def test_they_are_made_once(connection: Connection) -> None:
    assert names(connection) == RULES
    make(connection)
    assert len(connection.execute("select from api.rules").fetchall()) == len(RULES)
    assert len(connection.execute("select from api.interlocks").fetchall()) == 1


def test_what_somebody_deleted_does_not_come_back(connection: Connection) -> None:
    connection.execute("delete from api.rules")
    connection.execute("delete from api.interlocks")
    make(connection)
    assert names(connection) == set()


def test_they_wait_for_the_reactor(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.uri("postgres"), autocommit=True) as connection:
        make(connection)
        assert names(connection) == set()


def test_alarms_come_soon_and_few(connection: Connection) -> None:
    begin = run(connection, 2 * PERIOD)
    alarms = connection.execute("select name, occurrences, raised_at from api.alarms order by raised_at").fetchall()
    assert [(name, times) for name, times, _ in alarms] == [("Bed heats fast", 2), ("Bed hot", 2)]
    assert alarms[-1][2] - begin < timedelta(minutes=2)
    assert connection.execute("select from api.commands").fetchall() == []


def test_who_heats_too_much_by_hand_is_given_air(connection: Connection) -> None:
    run(connection, seconds_to(86, *HEATED_BY_HAND), HEATED_BY_HAND)
    assert ("Bed overheats", True) in connection.execute("select name, latched from api.alarms").fetchall()
    commands = connection.execute("select e.name, c.value from api.commands c join api.events e on e.id = c.event_id")
    assert commands.fetchall() == [("Reactor Valve position", 100.0)]
