"""The dashboard of a new installation."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.cli.conftest import Command
from tests.support.database import Database
from tests.support.postgres import Connection
from webmacs.demo import make_dashboard


@pytest.fixture
def connection(webmacs: Command, fresh_database: Database) -> Iterator[Connection]:
    """To a new installation whose controller has said which channels it has."""
    assert webmacs("demo", "--days", "1", WEBMACS_DATABASE_ADMIN_URI=fresh_database.uri("postgres")).returncode == 0
    with psycopg.connect(fresh_database.uri("postgres"), autocommit=True) as connection:
        make(connection)
        yield connection


def make(connection: Connection) -> None:
    """As each start of `webmacs up` does."""
    with connection.transaction():
        make_dashboard(connection)


def count(connection: Connection) -> int:
    (number,) = connection.execute("select count(*) from private.dashboards where shared").fetchone() or (0,)
    return int(number)


def test_all_its_widgets_show_events_that_are_there(connection: Connection) -> None:
    kinds = connection.execute("select type from api.dashboard_widgets order by place").fetchall()
    unknown = connection.execute(
        """select e from api.dashboard_widgets w, jsonb_array_elements_text(w.options -> 'events') e
            where e not in (select public_id::text from api.events)"""
    )
    assert {kind for (kind,) in kinds} == {"curve", "number", "gauge", "alarms", "slider", "switch", "text"}
    assert unknown.fetchall() == []


def test_it_is_made_once_and_not_again_when_somebody_deleted_it(connection: Connection) -> None:
    make(connection)
    assert count(connection) == 1
    connection.execute("delete from private.dashboards")
    make(connection)
    assert count(connection) == 0


def test_without_the_reactor_there_is_none(fresh_database: Database) -> None:
    with psycopg.connect(fresh_database.uri("postgres"), autocommit=True) as connection:
        make(connection)
        assert count(connection) == 0
