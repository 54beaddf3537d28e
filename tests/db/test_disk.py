"""The disk fills up: people are warned, what may go goes, no values are taken; and back, without flapping."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from tests.db.hooks import Hooks
from tests.db.ingest import Ingest, Point
from tests.db.plant import Plant
from tests.db.retention import DAY, Past
from tests.support.database import Database
from tests.support.sql import Sql

GB = 10**9


@pytest.fixture(autouse=True)
def _room(sql: Sql) -> Iterator[None]:
    yield
    report(sql, 0)


def report(sql: Sql, percent: float, total: int = 100 * GB) -> str:
    """So much is used. The level that follows."""
    free = round(total * (100 - percent) / 100)
    row = sql.as_login("webmacs_sidecar").execute("select private.report_room(%s, %s)", [free, total]).fetchone()
    assert row is not None
    return str(row[0])


def news(sql: Sql, after: int) -> list[tuple[str, str]]:
    rows = sql.superuser.execute(
        "select level::text, message from private.log_entries where source = 'disk' and id > %s order by id", [after]
    )
    return [(level, message) for level, message in rows]


def last_entry(sql: Sql) -> int:
    row = sql.superuser.execute("select coalesce(max(id), 0) from private.log_entries").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(
    ("percents", "levels"),
    [
        ([79.9, 80, 89.9, 90, 98.9, 99, 100], "fine warn warn thin thin refuse refuse"),
        ([80, 79, 78.1, 77.9, 79.9], "warn warn warn fine fine"),
        ([99, 98, 97.1, 96.9, 98.9, 89, 87.9, 50], "refuse refuse refuse thin thin thin warn fine"),
        ([99.5, 10, 99.5], "refuse fine refuse"),
    ],
)
def test_levels_are_reached_at_once_and_left_two_percent_below(percents: list[float], levels: str, sql: Sql) -> None:
    assert [report(sql, percent) for percent in percents] == levels.split()


def test_a_small_disk_keeps_what_postgresql_needs(sql: Sql) -> None:
    """64 MB of 1 GB are 6 %."""
    found = [report(sql, 100 - free, GB) for free in (10, 7, 6.3, 7, 9.5, 9.7)]
    assert found == ["thin", "thin", "refuse", "refuse", "refuse", "thin"]


def test_each_change_is_told_once(sql: Sql) -> None:
    hooks = Hooks(sql)
    hook = hooks.add(types=["system.disk_changed"])
    before = last_entry(sql)
    for percent in (50, 83, 83, 84, 99.2, 99.3, 91, 20):
        report(sql, percent)
    assert news(sql, before) == [
        ("warning", "The disk of the database is 83 % full, 16 GB are free. Keep less, or add space."),
        (
            "error",
            "The disk of the database is 99 % full, 763 MB are free. No more values are taken until there is room;"
            " controllers keep what they measure.",
        ),
        (
            "warning",
            "The disk of the database is 91 % full, 8583 MB are free. What policies let go when it is nearly full is"
            " removed.",
        ),
        ("info", "The disk of the database is 20 % full, 75 GB are free. That is room enough."),
    ]
    bodies = sql.superuser.execute(
        "select body::json -> 'data' ->> 'level', (body::json -> 'data' ->> 'used_percent')::int"
        " from private.webhook_deliveries where webhook_id = %s order by id",
        [hook],
    ).fetchall()
    assert bodies == [("warn", 83), ("refuse", 99), ("thin", 91), ("fine", 20)]


def test_nothing_is_written_while_nothing_changes(sql: Sql) -> None:
    version = "select xmin::text from private.disk"
    report(sql, 40)
    before = sql.superuser.execute(version.encode()).fetchone()
    report(sql, 40.5)
    assert sql.superuser.execute(version.encode()).fetchone() == before
    report(sql, 41.5)
    assert sql.superuser.execute(version.encode()).fetchone() != before


def test_a_full_disk_takes_no_values_by_any_door(sql: Sql, plant: Plant, ingest: Ingest) -> None:
    event = plant.event()
    report(sql, 99)
    with pytest.raises(psycopg.errors.DiskFull, match=r"99 % full.*controllers keep what they measure"):
        ingest(Point(event))
    operator = sql.as_role("operator")
    with pytest.raises(psycopg.errors.DiskFull):
        operator.execute('select api.ingest(\'[{"event_id": %s, "value": 1}]\')' % event)  # noqa: UP031
    operator.execute("insert into api.log_entries (message) values ('all else goes on')")
    report(sql, 96)
    assert ingest(Point(event)) == {}


@pytest.mark.parametrize("level", [98, 99])
def test_files_wait_too(level: int, sql: Sql) -> None:
    report(sql, level)
    insert = """
        with x as (insert into private.experiments (name) values (%s) returning id),
             f as (insert into private.experiment_files (experiment_id, name, media_type, size, sha256, author)
                   select id, 'a', 'text/plain', 1, '', 'me' from x returning id)
        insert into private.experiment_file_bytes (file_id, bytes) select id, 'x' from f
    """
    if level == 99:
        with pytest.raises(psycopg.errors.DiskFull):
            sql.superuser.execute(insert, [f"at {level}"])
    else:
        sql.superuser.execute(insert, [f"at {level}"])


def test_who_sees_how_full_it_is(sql: Sql) -> None:
    report(sql, 95)
    trouble = "select trouble from api.storage_forecast"
    assert sql.as_role("admin").execute(trouble.encode()).fetchone() == ("thin",)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_role("operator").execute(trouble.encode())


def test_what_may_go_goes_the_oldest_first_until_there_is_room(fresh_database: Database) -> None:
    past = Past(fresh_database, days=70)
    past.policy("raw", least_days=30)
    before = past.partitions()
    assert past.expire() == []
    past.superuser.execute("select private.report_room(%s, %s)", [5 * GB, 100 * GB])
    (first,) = [past.one("select private.expire(%s)", past.now)]
    assert past.one("select lower from private.expired_partitions where name = %s", first) == before[0][0]
    past.superuser.execute("select private.report_room(%s, %s)", [50 * GB, 100 * GB])
    assert past.expire() == []
    past.superuser.execute("select private.report_room(%s, %s)", [5 * GB, 100 * GB])
    past.expire()
    past.drop()
    kept = past.partitions()
    assert kept[0][0] <= past.now - 30 * DAY < kept[0][1]
    assert past.expire(past.now + timedelta(hours=1)) == []


def test_the_least_is_not_more_than_what_is_kept(sql: Sql) -> None:
    admin = sql.as_role("admin")
    with pytest.raises(psycopg.errors.CheckViolation, match="least_days must not be more than age_days"):
        admin.execute("update api.retention set age_days = 10, least_days = 20 where unit = 'raw'")
    with pytest.raises(psycopg.errors.CheckViolation, match="least_days must be from 1 to 36500, or null"):
        admin.execute("update api.retention set least_days = 0 where unit = 'raw'")


@pytest.mark.parametrize("settings", ['{"disk_thin_percent": 80}', '{"disk_refuse_percent": 85}'])
def test_levels_rise(settings: str, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="must rise"):
        sql.superuser.execute("select private.configure(%s)", [settings])
