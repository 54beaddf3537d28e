"""Interlocks: what blocks an actuator, in which words, and that doubt always blocks."""

import re

import psycopg
import pytest

from tests.support.drive import Drive
from tests.support.sql import Sql


def words(drive: Drive, event: int) -> str | None:
    """Why it may not be driven, or None."""
    rows = drive.rows(
        drive.superuser, "select words from private.blocking_interlocks(array[%s], clock_timestamp())", event
    )
    return rows[0]["words"] if rows else None


@pytest.mark.parametrize(
    ("operator", "thresholds", "holds", "blocks", "condition"),
    [
        ("gt", [5], 5.1, 5, "greater than 5"),
        ("gte", [5], 5, 4.9, "at least 5"),
        ("lt", [5], 4.9, 5, "less than 5"),
        ("lte", [5], 5, 5.1, "at most 5"),
        ("eq", [5], 5, 5.1, "5"),
        ("between", [2, 5], 2, 5.1, "from 2 to 5"),
        ("not_between", [2, 5], 1.9, 3, "less than 2 or greater than 5"),
    ],
)
def test_each_operator(
    drive: Drive, operator: str, thresholds: list[float], holds: float, blocks: float, condition: str
) -> None:
    valve, source = drive.valve(), drive.event()
    number = drive.interlock(valve.event, source, operator, *thresholds)
    drive.measure(source, holds)
    assert drive.set(valve.event, 1)["state"] == "queued"
    drive.measure(source, blocks)
    with pytest.raises(psycopg.Error) as refused:
        drive.set(valve.event, 1)
    assert refused.value.sqlstate == "PT409"
    assert refused.value.diag.message_primary == (
        f"Interlock {number} blocks: {drive.name(source)} must be {condition} %, but is {blocks:g} %."
    )


def test_its_description_is_told(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    number = drive.interlock(valve.event, source)
    drive.superuser.execute("update private.interlocks set description = 'no dry run' where id = %s", (number,))
    assert (words(drive, valve.event) or "").startswith(f"Interlock {number} (no dry run) blocks: ")


def test_no_value(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    number = drive.interlock(valve.event, source)
    assert words(drive, valve.event) == f"Interlock {number} blocks: {drive.name(source)} has no value."


def test_an_old_value(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source, max_age=60)
    drive.measure(source, 1, seconds_ago=100)
    told = words(drive, valve.event) or ""
    assert f"the value of {drive.name(source)} is 100" in told
    assert told.endswith(" s old, at most 60 s are allowed.")
    drive.measure(source, 1)
    assert words(drive, valve.event) is None


def test_a_clock_that_is_ahead_makes_nothing_fresh(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source, max_age=60)
    drive.measure(source, 1, seconds_ago=-300)
    drive.superuser.execute(
        "update private.latest set received_at = clock_timestamp() - interval '100 s' where event_id = %s", (source,)
    )
    assert "s old" in (words(drive, valve.event) or "")


def test_a_value_of_the_future_blocks(drive: Drive) -> None:
    """What is measured now would not replace it."""
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source, max_age=60)
    drive.measure(source, 1, seconds_ago=-300)
    told = words(drive, valve.event) or ""
    assert f"the value of {drive.name(source)} is dated 300 s ahead" in re.sub(r"(299.\d|300.0)", "300", told)
    drive.measure(source, 1)
    assert words(drive, valve.event) is not None


def test_a_clock_that_is_a_little_ahead_does_no_harm(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source, max_age=60)
    drive.measure(source, 1, seconds_ago=-50)
    assert words(drive, valve.event) is None


def test_an_archived_source_blocks(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    number = drive.interlock(valve.event, source)
    drive.measure(source, 1)
    drive.superuser.execute("update private.events set archived_at = now() where id = %s", (source,))
    assert words(drive, valve.event) == f"Interlock {number} blocks: {drive.name(source)} is archived."


@pytest.mark.parametrize("quality", [0, 64, 191])
def test_a_doubtful_value(drive: Drive, quality: int) -> None:
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source)
    drive.measure(source, 1, quality=192, seconds_ago=1)
    drive.measure(source, 1, quality=quality)
    assert f"the value of {drive.name(source)} is not of good quality ({quality})" in (words(drive, valve.event) or "")


@pytest.mark.parametrize(("output", "lets"), [(96, True), (192, False), (64, False), (None, False)])
def test_a_simulated_value_lets_move_only_what_is_simulated(drive: Drive, output: int | None, lets: bool) -> None:
    valve, source = drive.valve(), drive.event()
    drive.interlock(valve.event, source)
    drive.measure(source, 1, quality=96)
    if output is not None:
        drive.measure(valve.event, 0, quality=output)
    told = words(drive, valve.event)
    assert (told is None) == lets
    assert lets or f"the value of {drive.name(source)} is not of good quality (96)" in (told or "")


def test_a_purged_source_blocks(drive: Drive) -> None:
    valve, source = drive.valve(), drive.event()
    number = drive.interlock(valve.event, source)
    drive.measure(source, 1)
    drive.superuser.execute("select api.purge_event(%s)", (source,))
    assert words(drive, valve.event) == f"Interlock {number} blocks: its source event was deleted."


def test_all_of_an_events_interlocks_must_hold(drive: Drive) -> None:
    valve, good, bad = drive.valve(), drive.event(), drive.event()
    drive.measure(good, 1)
    drive.measure(bad, 9)
    drive.interlock(valve.event, good)
    assert words(drive, valve.event) is None
    number = drive.interlock(valve.event, bad)
    assert (words(drive, valve.event) or "").startswith(f"Interlock {number} blocks")
    drive.superuser.execute("update private.interlocks set enabled = false where id = %s", (number,))
    assert words(drive, valve.event) is None


def test_a_set_point_is_guarded_too(drive: Drive) -> None:
    event, source = drive.event("range"), drive.event()
    drive.interlock(event, source)
    with pytest.raises(psycopg.Error, match="has no value"):
        drive.set(event, 1)
    assert drive.newest(event) is None


# what an interlock may be -------------------------------------------------------

INSERT = (
    "insert into api.interlocks (event_id, source_event_id, operator, threshold, threshold_high, max_age_seconds)"
    " values (%(event)s, %(source)s, %(operator)s, %(low)s, %(high)s, %(max_age)s)"
)
GOOD = {"operator": "lt", "low": 5, "high": None, "max_age": 60}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"operator": "about"}, "operator must be gt, lt, gte, lte, eq, between or not_between"),
        ({"operator": "between"}, "threshold_high must be given for between and not_between alone"),
        ({"high": 6}, "threshold_high must be given for between and not_between alone"),
        ({"operator": "between", "high": 4}, "threshold_high must not be less than threshold"),
        ({"low": float("nan")}, "threshold and threshold_high must be from -1e300 to 1e300"),
        ({"low": float("inf")}, "threshold and threshold_high must be from -1e300 to 1e300"),
        ({"low": None}, "threshold"),
        ({"max_age": 0}, "max_age_seconds must be from 0.1 to 86400"),
        ({"max_age": float("nan")}, "max_age_seconds must be from 0.1 to 86400"),
        ({"max_age": None}, "max_age_seconds"),
        ({"event": 2_000_000_000}, "event_id must name an event"),
        ({"source": 2_000_000_000}, "source_event_id must name an event"),
        ({"source": None}, "source_event_id must name an event"),
        ({"event": None}, "event_id"),
    ],
)
def test_what_makes_no_interlock(drive: Drive, sql: Sql, change: dict[str, object], complaint: str) -> None:
    row = GOOD | {"event": drive.valve().event, "source": drive.event()} | change
    with pytest.raises(psycopg.Error, match=complaint):
        sql.as_role("admin").execute(INSERT, row)


def test_only_what_is_driven_is_guarded(drive: Drive, sql: Sql) -> None:
    row = GOOD | {"event": drive.event(), "source": drive.event()}
    with pytest.raises(psycopg.Error, match=r"event_id must name what can be set, but .* is a sensor"):
        sql.as_role("admin").execute(INSERT, row)


def test_a_source_cannot_be_taken_away(drive: Drive, sql: Sql) -> None:
    number = drive.interlock(drive.valve().event, drive.event())
    with pytest.raises(psycopg.Error, match="source_event_id must name an event"):
        sql.as_role("admin").execute("update api.interlocks set source_event_id = null where id = %s", (number,))


def test_administrators_manage_and_it_is_written_down(drive: Drive, sql: Sql) -> None:
    admin = sql.as_role("admin")
    row = GOOD | {"event": drive.valve().event, "source": drive.event()}
    made = admin.execute(INSERT + " returning id", row).fetchone()
    assert made is not None
    admin.execute("update api.interlocks set enabled = false where id = %s", made)
    admin.execute("delete from api.interlocks where id = %s", made)
    lines = sql.superuser.execute(
        "select operation from private.audit_log where table_name = 'interlocks' and row_id = %s order by id",
        (str(made[0]),),
    )
    assert [operation for (operation,) in lines] == ["insert", "update", "delete"]


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_others_read(drive: Drive, sql: Sql, role: str) -> None:
    number = drive.interlock(drive.valve().event, drive.event())
    connection = sql.as_role(role)
    assert connection.execute("select id from api.interlocks where id = %s", (number,)).fetchall() == [(number,)]
    for statement in ("update api.interlocks set enabled = false", "delete from api.interlocks"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())
