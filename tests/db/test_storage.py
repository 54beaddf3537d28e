"""What history takes, and when the disk will be full."""

from datetime import date, datetime

import pytest

from tests.db.ingest import Ingest, Point
from tests.db.plant import Plant
from tests.db.retention import Past
from tests.support.database import Database
from tests.support.sql import Sql

FORECAST = "select bytes, bytes_per_day, free_bytes, full_on from api.storage_forecast"


@pytest.fixture(autouse=True)
def nothing_reported(sql: Sql) -> None:
    sql.superuser.execute("truncate private.disk_reports")


def _report(sql: Sql, day: str, size: int, free: int | None) -> None:
    sql.superuser.execute(
        "insert into private.disk_reports (day, bytes, free_bytes, reported_at) values (%s, %s, %s, %s)",
        (date.fromisoformat(day), size, free, datetime.fromisoformat(f"{day}T12:00:00+00:00")),
    )


def test_sizes_by_month(sql: Sql, plant: Plant, ingest: Ingest) -> None:
    event = plant.event()
    assert ingest(*[Point(event, ts=f"2025-07-31T{n // 60:02}:{n % 60:02}:00Z") for n in range(1000)]) == {}
    sql.superuser.execute("analyze private.datapoints")
    rows = sql.as_role("admin").execute(
        "select month, bytes, rows_estimated from api.storage"
        " where unit = 'raw' and month < '2025-12-01' order by month"
    )
    (july, july_bytes, july_rows), (august, august_bytes, august_rows) = rows.fetchall()
    assert (july, august) == (date(2025, 7, 1), date(2025, 8, 1))
    assert july_rows + august_rows == pytest.approx(1000, abs=1)
    # the week from Monday, 28 July: four days of it and three
    assert july_bytes / august_bytes == pytest.approx(4 / 3, rel=0.01)


def test_rows_are_known_before_they_are_analysed(sql: Sql, plant: Plant, ingest: Ingest) -> None:
    event = plant.event()
    assert ingest(*[Point(event, ts=f"2024-03-05T{n // 60:02}:{n % 60:02}:00Z") for n in range(1000)]) == {}
    ingest.connection.execute("select pg_stat_force_next_flush()")
    rows = "select sum(rows_estimated) from api.storage where unit = 'raw' and month = '2024-03-01'"
    assert sql.as_role("admin").execute(rows.encode()).fetchone() == (1000,)


def test_months_before_anything_was_measured_are_left_out(fresh_database: Database) -> None:
    """The decade of the days began long before."""
    past = Past(fresh_database, days=70)
    months = "select min(month) from api.storage where unit = %s"
    begin = past.partitions()[0][0].date().replace(day=1)
    assert [past.one(months, unit) for unit in ("raw", "hour", "day")] == [begin] * 3
    past.policy("raw", age_days=30)
    past.expire()
    past.drop()
    assert [past.one(months, unit) for unit in ("hour", "day")] == [begin] * 2
    assert past.one(months, "raw") > begin
    assert past.one("select max(month) from api.storage") == past.now.date().replace(day=1)


def test_files_of_experiments_count(sql: Sql) -> None:
    sql.superuser.execute("""
        with x as (insert into private.experiments (name) values ('with files') returning id)
        insert into private.experiment_files (experiment_id, name, media_type, size, sha256, author, created_at)
        select x.id, n || '.txt', 'text/plain', 500, '', 'me', '2025-01-31 23:30Z'::timestamptz + n * interval '1 hour'
        from x, generate_series(0, 2) n
    """)
    rows = "select month, bytes, rows_estimated from api.storage where unit = 'file' order by month"
    assert sql.as_role("admin").execute(rows.encode()).fetchall() == [
        (date(2025, 1, 1), 500, 1),
        (date(2025, 2, 1), 1000, 2),
    ]


def test_files_of_experiments_take_room_on_the_disk(sql: Sql) -> None:
    sidecar = sql.as_login("webmacs_sidecar")
    size = "select bytes from api.storage_forecast"
    sidecar.execute("select private.report_disk(1)")
    before = sql.as_role("admin").execute(size.encode()).fetchone()
    sql.superuser.execute("""
        with x as (insert into private.experiments (name) values ('with bytes') returning id),
        f as (insert into private.experiment_files (experiment_id, name, media_type, size, sha256, author)
              select x.id, 'a.bin', 'application/octet-stream', 5000000, '', 'me' from x returning id)
        insert into private.experiment_file_bytes (file_id, bytes)
        select f.id, decode(repeat('00', 5000000), 'hex') from f
    """)
    sidecar.execute("select private.report_disk(1)")
    after = sql.as_role("admin").execute(size.encode()).fetchone()
    assert before
    assert after
    assert after[0] - before[0] >= 5_000_000


def test_nothing_is_reported_yet(sql: Sql) -> None:
    assert sql.as_role("admin").execute(FORECAST.encode()).fetchall() == [(None, None, None, None)]


def test_a_day_is_needed_to_see_growth(sql: Sql) -> None:
    _report(sql, "2026-02-01", 1000, 5000)
    assert sql.as_role("admin").execute(FORECAST.encode()).fetchall() == [(1000, None, 5000, None)]


@pytest.mark.parametrize(
    ("begin", "end", "free", "per_day", "full_on"),
    [
        (1000, 2000, 5000, 100, date(2026, 4, 2)),
        (1000, 2000, None, 100, None),
        (2000, 1000, 5000, -100, None),
        (1000, 1000, 5000, 0, None),
        (1000, 1010, 10**15, 1, None),
    ],
)
def test_the_day_when_the_disk_is_full(
    begin: int, end: int, free: int | None, per_day: int, full_on: date | None, sql: Sql
) -> None:
    _report(sql, "2025-01-01", 7, 7)
    _report(sql, "2026-02-01", begin, 1)
    _report(sql, "2026-02-11", end, free)
    assert sql.as_role("admin").execute(FORECAST.encode()).fetchall() == [(end, per_day, free, full_on)]


@pytest.mark.parametrize(
    ("free", "growth", "days", "trouble"),
    [
        (2_000_000_000, 0, 10, None),
        (1_999_999_999, 0, 10, "little"),
        (None, 10**9, 10, None),
        (60 * 10**9, 10**9, 0, "soon"),
        (62 * 10**9, 10**9, 0, None),
        (60 * 10**9, 10**9, 90, "soon"),
    ],
)
def test_a_disk_that_is_nearly_full_is_trouble(
    free: int | None, growth: int, days: int, trouble: str | None, sql: Sql
) -> None:
    """`days`: since the newest report; what is full by then counts as well."""
    sql.superuser.execute(
        """
        insert into private.disk_reports (day, bytes, free_bytes, reported_at)
        select at::date, (10 - n) * %(growth)s::bigint, %(free)s::bigint, at
          from generate_series(0, 10, 10) n, lateral (select now() - make_interval(days => %(days)s + n)) as t (at)
        """,
        {"growth": growth, "free": free, "days": days},
    )
    found = sql.as_role("admin").execute("select trouble from api.storage_forecast").fetchone()
    assert found == (trouble,)


def test_one_report_a_day_is_kept_for_a_year(sql: Sql) -> None:
    _report(sql, "2020-01-01", 1, 1)
    sidecar = sql.as_login("webmacs_sidecar")
    for free in (5, None, 7, None):
        sidecar.execute("select private.report_disk(%s)", (free,))
    found = sql.superuser.execute("select free_bytes, bytes > 100000 from private.disk_reports").fetchall()
    assert found == [(7, True)]
