"""How long deliveries, log entries, sessions and failed logins are kept, and who decides that."""

from collections.abc import Iterator

import psycopg
import pytest

from tests.support.sql import Sql

DEFAULTS = [
    ("delivery", 30, 1, 1),
    ("log_info", 365, 30, 7),
    ("log_trouble", 1825, 365, 30),
    ("login_failure", 90, None, 30),
    ("session", 90, None, 30),
]


@pytest.fixture(autouse=True)
def _as_ever(sql: Sql) -> Iterator[None]:
    yield
    for what, days, least, _ in DEFAULTS:
        sql.superuser.execute(
            "update private.housekeeping set days = %s, least_days = %s where what = %s", [days, least, what]
        )
    sql.superuser.execute("select private.report_room(90000000000, 100000000000)")


def test_at_first(sql: Sql) -> None:
    rows = sql.as_role("viewer").execute("select what, days, least_days, shortest from api.housekeeping order by what")
    assert rows.fetchall() == DEFAULTS


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("days = 29 where what = 'session'", "days must not be shorter than what it is for allows"),
        ("days = 1 where what = 'login_failure'", "days must not be shorter than what it is for allows"),
        ("least_days = 6 where what = 'log_info'", "least_days must not be shorter"),
        ("least_days = 31 where what = 'delivery'", "least_days must not be more than days"),
        ("days = 36501 where what = 'delivery'", "days must be at most 36500, or null"),
    ],
)
def test_what_shows_who_did_something_cannot_be_made_short(change: str, said: str, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match=said):
        sql.as_role("admin").execute(f"update api.housekeeping set {change}".encode())


@pytest.mark.parametrize("statement", ["update api.housekeeping set shortest = 1", "delete from api.housekeeping"])
def test_only_days_may_be_changed(statement: str, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_role("admin").execute(statement.encode())


def test_a_change_is_audited(sql: Sql) -> None:
    sql.as_role("admin").execute("update api.housekeeping set days = 60 where what = 'delivery'")
    row = sql.superuser.execute(
        "select table_name, row_id, old ->> 'days', new ->> 'days' from private.audit_log order by id desc limit 1"
    ).fetchone()
    assert row == ("housekeeping", "delivery", "30", "60")


def entries(sql: Sql) -> list[str]:
    sql.superuser.execute("delete from private.log_entries")
    for days in (5, 20, 100, 400, 2000):
        for level in ("info", "error"):
            sql.superuser.execute(
                "insert into private.log_entries (created_at, level, message)"
                " values (now() - %s * interval '1 day', %s::api.log_level, %s)",
                [days, level, f"{level} {days}"],
            )
    while sql.as_login("webmacs_sidecar").execute("select private.prune_log()").fetchone() != (0,):
        pass
    rows = sql.superuser.execute("select message from private.log_entries where source is null order by id").fetchall()
    return [message for (message,) in rows]


def test_log_entries_go_by_level_and_age(sql: Sql) -> None:
    assert entries(sql) == ["info 5", "error 5", "info 20", "error 20", "info 100", "error 100", "error 400"]


def test_while_the_disk_is_nearly_full_they_go_sooner(sql: Sql) -> None:
    sql.superuser.execute("select private.report_room(8000000000, 100000000000)")
    sql.superuser.execute("update private.housekeeping set least_days = 90 where what = 'log_trouble'")
    assert entries(sql) == ["info 5", "error 5", "info 20", "error 20"]


def test_for_ever(sql: Sql) -> None:
    sql.as_role("admin").execute("update api.housekeeping set days = null, least_days = null where what like 'log%'")
    assert len(entries(sql)) == 10


def test_many_go_in_bounded_steps(sql: Sql) -> None:
    sql.superuser.execute("delete from private.log_entries")
    sql.superuser.execute(
        "insert into private.log_entries (created_at, message)"
        " select now() - interval '3 years', 'old ' || n from generate_series(1, 6000) n"
    )
    prune = "select private.prune_log()"
    steps = [sql.as_login("webmacs_sidecar").execute(prune.encode()).fetchone() for _ in range(3)]
    assert steps == [(5000,), (1000,), (0,)]


def test_a_clock_that_jumped_ahead_removes_nothing(sql: Sql) -> None:
    sql.superuser.execute("delete from private.log_entries")
    sql.superuser.execute("delete from private.clock")
    sql.superuser.execute("insert into private.clock (seen_at) values (now() - interval '4 years')")
    try:
        sql.superuser.execute(
            "insert into private.log_entries (created_at, message) values (now() - interval '3 years', 'old')"
        )
        assert sql.superuser.execute("select private.prune_log()").fetchone() == (0,)
    finally:
        sql.superuser.execute("delete from private.clock")
