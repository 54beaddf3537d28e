"""Every point within the horizon finds a partition, whatever the widths were before."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.db.ingest import Ingest, Point
from tests.support.database import Database
from tests.support.postgres import Connection
from tests.support.sql import Sql


@pytest.fixture
def superuser(fresh_database: Database) -> Connection:
    """On a database whose partitions are as `migrate` left them, with one event."""
    connection = fresh_database.connect()
    connection.execute("insert into private.events (name, unit, min_value, max_value) values ('one', 'V', 0, 1)")
    return connection


@pytest.fixture
def ingest(superuser: Connection) -> Ingest:
    return Ingest(superuser)


def _partitions(connection: Connection) -> list[tuple[datetime, datetime]]:
    statement = "select lower, upper from private.datapoint_partitions() order by lower"
    return [(lower, upper) for lower, upper in connection.execute(statement).fetchall()]


def _overlaps(partitions: list[tuple[datetime, datetime]]) -> bool:
    return any(upper > lower for (_, upper), (lower, _) in pairwise(partitions))


def _days(connection: Connection, days: int) -> None:
    connection.execute("select private.configure(jsonb_build_object('partition_days', %s::int))", (days,))


def test_made_ahead_of_time(superuser: Connection) -> None:
    partitions = _partitions(superuser)
    now = datetime.now(UTC)
    assert partitions[0][0] <= now - timedelta(days=6)
    assert partitions[-1][1] >= now + timedelta(days=7 * 8)
    assert all(upper == lower for (_, upper), (lower, _) in pairwise(partitions))


def test_upkeep_is_idle_when_all_is_there(superuser: Connection) -> None:
    assert superuser.execute("select private.keep_partitions()").fetchone() == (0,)


def test_a_late_point_gets_its_partition(superuser: Connection, ingest: Ingest) -> None:
    assert ingest(Point(1, ts="2018-05-05T05:05:05Z")) == {}
    first = _partitions(superuser)[0]
    assert first[0] <= datetime(2018, 5, 5, 5, 5, 5, tzinfo=UTC) < first[1]


def test_at_both_ends_of_the_horizon(superuser: Connection, ingest: Ingest) -> None:
    now = datetime.now(UTC)
    oldest, furthest = now - timedelta(days=3650) + timedelta(minutes=1), now + timedelta(seconds=590)
    assert ingest(Point(1, ts=oldest), Point(1, ts=furthest)) == {}
    assert ingest(Point(1, ts=oldest - timedelta(minutes=2)), Point(1, ts=furthest + timedelta(seconds=30))) == {
        1: "out_of_horizon",
        2: "future",
    }


def test_no_partition_for_a_point_that_is_refused(superuser: Connection, ingest: Ingest) -> None:
    before = _partitions(superuser)
    ingest(Point(1, ts="1970-01-01"), Point(1, ts="9000-01-01"), Point(1, ts="infinity"))
    assert _partitions(superuser) == before


def test_upkeep_was_missed_for_long(superuser: Connection, ingest: Ingest) -> None:
    """Nobody called keep_partitions for a year: what covered the present is gone."""
    for (name,) in superuser.execute("select name from private.datapoint_partitions()").fetchall():
        superuser.execute(f'drop table private."{name}"'.encode())
    superuser.execute("update private.settings set covered_from = '2020-01-01', covered_to = '2020-02-01'")
    assert ingest(Point(1, ts=datetime.now(UTC))) == {}


@pytest.mark.parametrize(("first", "second"), [(7, 30), (30, 7), (7, 1), (1, 366), (366, 1), (7, 5)])
def test_another_width(first: int, second: int, superuser: Connection, ingest: Ingest) -> None:
    _days(superuser, first)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    assert ingest(*[Point(1, ts=start + timedelta(days=13 * n)) for n in range(8)]) == {}
    _days(superuser, second)
    assert ingest(*[Point(1, n, ts=start + timedelta(days=n, hours=5)) for n in range(120)]) == {}
    assert not _overlaps(_partitions(superuser))


def test_one_batch_over_ten_years(superuser: Connection, ingest: Ingest) -> None:
    _days(superuser, 30)
    now = datetime.now(UTC)
    assert ingest(*[Point(1, ts=now - timedelta(days=n * 3649 / 5000)) for n in range(5000)]) == {}
    assert not _overlaps(_partitions(superuser))


def test_every_partition_is_closed_to_people(superuser: Connection, ingest: Ingest) -> None:
    ingest(Point(1, ts="2019-01-01"))
    opened = superuser.execute("""
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'private.datapoints'::regclass and (not c.relrowsecurity or c.relacl is not null)
    """).fetchall()
    assert opened == []


def test_the_list_of_partitions_is_read_anew(sql: Sql) -> None:
    """Whatever changes the table's row in the catalogue makes every session read the list again."""
    row = "select xmin::text from pg_class where oid = 'private.datapoints'::regclass"
    before = sql.superuser.execute(row).fetchone()
    sql.superuser.execute("select private.reread_partitions()")
    assert sql.superuser.execute(row).fetchone() != before
