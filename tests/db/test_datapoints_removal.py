"""The two ways that remove measured values, and those that do not."""

import psycopg
import pytest

from tests.db.ingest import Ingest, Point, at
from tests.db.plant import Plant
from tests.support.people import People
from tests.support.sql import Sql


@pytest.fixture
def event(plant: Plant, ingest: Ingest) -> int:
    """An event with ten values, 0 to 9, a second apart."""
    number = plant.event()
    ingest(*[Point(number, n, at(n)) for n in range(10)])
    return number


def _values(sql: Sql, event: int) -> list[float]:
    rows = sql.superuser.execute("select value from private.datapoints where event_id = %s order by ts", (event,))
    return [value for (value,) in rows]


def _newest(sql: Sql, event: int) -> list[tuple[object, ...]]:
    return sql.superuser.execute("select value from private.latest where event_id = %s", (event,)).fetchall()


def _delete(sql: Sql, event: int, start: float, end: float) -> object:
    statement = "select api.delete_datapoints(%s, %s, %s)"
    row = sql.as_role("admin").execute(statement.encode(), (event, at(start), at(end))).fetchone()
    return row and row[0]


def test_a_range_begin_inclusive_end_exclusive(sql: Sql, event: int) -> None:
    assert _delete(sql, event, 2, 5) == 3
    assert _values(sql, event) == [0, 1, 5, 6, 7, 8, 9]
    assert _newest(sql, event) == [(9,)]


def test_the_newest_value_is_found_again(sql: Sql, event: int) -> None:
    _delete(sql, event, 7, 100)
    assert _newest(sql, event) == [(6,)]


@pytest.mark.parametrize(("start", "end"), [("null", "now()"), ("now()", "null")])
def test_a_range_without_an_end(start: str, end: str, sql: Sql, event: int) -> None:
    with pytest.raises(psycopg.Error, match='"from" before "to"') as refused:
        sql.as_role("admin").execute(f"select api.delete_datapoints({event}, {start}, {end})".encode())
    assert refused.value.sqlstate == "PT400"


@pytest.mark.parametrize("event", ["null", "0"])
def test_an_event_that_is_not_there(event: str, sql: Sql) -> None:
    with pytest.raises(psycopg.Error, match=f"There is no event {event}.") as refused:
        sql.as_role("admin").execute(f"select api.delete_datapoints({event}, '2026-01-01', now())".encode())
    assert refused.value.sqlstate == "PT404"


def test_no_value_left(sql: Sql, event: int) -> None:
    assert _delete(sql, event, -100, 100) == 10
    assert _newest(sql, event) == []


def test_others_keep_their_values(sql: Sql, event: int, plant: Plant, ingest: Ingest) -> None:
    other = plant.event()
    ingest(Point(other))
    _delete(sql, event, -100, 100)
    assert _values(sql, other) == [1]


@pytest.mark.parametrize(("start", "end"), [(5, 5), (5, 2)])
def test_a_range_that_is_none(start: float, end: float, sql: Sql, event: int) -> None:
    with pytest.raises(psycopg.Error, match="before"):
        _delete(sql, event, start, end)


def test_it_is_written_down(sql: Sql, event: int, people: People) -> None:
    _delete(sql, event, 0, 3)
    line = sql.superuser.execute(
        "select actor, role, old ->> 'datapoints' from private.audit_log"
        " where operation = 'purge' and table_name = 'datapoints' and row_id = %s",
        (str(event),),
    ).fetchall()
    assert line == [(people.the("admin").name, "webmacs_admin", "3")]


def test_purging_an_event(sql: Sql, event: int) -> None:
    assert sql.as_role("admin").execute("select api.purge_event(%s)", (event,)).fetchone() == (10,)
    assert _values(sql, event) == []
    assert _newest(sql, event) == []
    assert sql.superuser.execute("select from private.events where id = %s", (event,)).fetchall() == []
    lines = sql.superuser.execute(
        "select table_name, operation from private.audit_log where row_id = %s order by id", (str(event),)
    ).fetchall()
    assert lines[-2:] == [("events", "delete"), ("datapoints", "purge")]


def test_purging_what_is_not_there(sql: Sql) -> None:
    with pytest.raises(psycopg.Error, match="no event 999999"):
        sql.as_role("admin").execute("select api.purge_event(999999)")


def test_ingest_beside_a_purge_leaves_nothing_behind(sql: Sql, event: int) -> None:
    """The purge is not committed when the values come; they wait for it, and none outlives the event."""
    purger, writer = sql.as_login("postgres"), sql.as_login("webmacs_sidecar")
    writer.execute("set lock_timeout = '200ms'")
    with purger.transaction():
        purger.execute("select api.purge_event(%s)", (event,))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            Ingest(writer)(Point(event, 1.0, at(50)))
    assert Ingest(writer)(Point(event, 1.0, at(50))) == {1: "unknown_event"}
    assert _values(sql, event) == []


def test_deleting_people_and_experiments_deletes_no_value(sql: Sql, event: int, people: People) -> None:
    people.the("admin")
    author = people.user("admin")
    connection = sql.as_caller(author)
    connection.execute("insert into api.experiments (name) values ('short')")
    connection.execute(
        "insert into api.experiment_events (experiment_id, event_id)"
        " select id, %s from api.experiments where name = 'short'",
        (event,),
    )
    connection.execute("delete from api.experiments where name = 'short'")
    sql.superuser.execute("delete from private.users where id = %s", (author.id,))
    assert len(_values(sql, event)) == 10


@pytest.mark.parametrize("role", ["admin", "operator", "viewer", "controller"])
@pytest.mark.parametrize("table", ["datapoints", "latest", "audit_log", "events"])
def test_nobody_deletes_past_them(role: str, table: str, sql: Sql) -> None:
    for schema in ("api", "private"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            sql.as_role(role).execute(f"delete from {schema}.{table}".encode())
