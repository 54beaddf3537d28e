"""Every change that a person can make is written down: who, in which role, old and new."""

from typing import Any

import psycopg
import pytest

from tests.db.plant import Plant
from tests.support.people import People
from tests.support.sql import Sql

Line = tuple[str, str, str, str, dict[str, Any] | None, dict[str, Any] | None]


def _lines(sql: Sql, table: str, since: int) -> list[Line]:
    return sql.superuser.execute(
        "select actor, role, operation, row_id, old, new from private.audit_log"
        " where id > %s and table_name = %s order by id",
        (since, table),
    ).fetchall()


@pytest.fixture
def before(sql: Sql) -> int:
    """The number of the last line before the test."""
    row = sql.superuser.execute("select coalesce(max(id), 0) from private.audit_log").fetchone()
    assert row is not None
    return int(row[0])


def test_an_insert_an_update_and_a_delete(sql: Sql, people: People, before: int) -> None:
    operator = sql.as_role("operator")
    operator.execute("insert into api.experiments (name) values ('first')")
    operator.execute("update api.experiments set kind = 'burn-in' where name = 'first'")
    operator.execute("delete from api.experiments where name = 'first'")
    inserted, updated, deleted = _lines(sql, "experiments", before)
    who = (people.the("operator").name, "webmacs_operator")
    assert [line[:3] for line in (inserted, updated, deleted)] == [(*who, "insert"), (*who, "update"), (*who, "delete")]
    assert inserted[5] is not None
    assert inserted[5]["name"] == "first"
    assert inserted[4] is None
    assert updated[4:] == (None, {"kind": "burn-in"}) or updated[4:] == ({"kind": None}, {"kind": "burn-in"})
    assert deleted[4] is not None
    assert deleted[4]["kind"] == "burn-in"
    assert deleted[5] is None


def test_a_value_by_hand(sql: Sql, people: People, plant: Plant, before: int) -> None:
    operator, event = people.the("operator"), plant.event()
    enter = b"insert into api.datapoints (event_id, value, ts) values (%s, %s, '2026-01-05Z')"
    for value in (1.5, 1.5):  # the second is a duplicate and changes nothing
        sql.as_role("operator").execute(enter, (event, value))
    ((actor, role, operation, row, old, new),) = _lines(sql, "datapoints", before)
    assert (actor, role, operation, row, old) == (operator.name, "webmacs_operator", "insert", str(event), None)
    assert new is not None
    assert (new["value"], new["quality"]) == (1.5, 216)
    sql.as_caller(people.api_token(operator.name, "operator")).execute(enter, (plant.event(), 2))
    assert len(_lines(sql, "datapoints", before)) == 1


def test_whoever_renames_itself_is_found_all_the_same(sql: Sql, people: People, before: int) -> None:
    caller = people.user("operator")
    connection = sql.as_caller(caller)
    for name in ("mallory", "postgres", caller.name):
        connection.execute("update api.users set username = %s where public_id = %s", (name, caller.public_id))
        connection.execute("insert into api.experiments (name) values (%s)", (f"by {name}",))
    found = sql.as_role("admin").execute(
        "select actor, jti from api.audit_log where actor_public_id = %s and table_name = 'experiments' order by id",
        (caller.public_id,),
    )
    assert found.fetchall() == [(name, caller.jti) for name in ("mallory", "postgres", caller.name)]


def test_the_actor_of_psql_is_its_login(sql: Sql, plant: Plant, before: int) -> None:
    plant.event()
    assert [line[:3] for line in _lines(sql, "events", before)] == [("postgres", "postgres", "insert")]


def test_one_line_for_each_row_of_a_statement(sql: Sql, plant: Plant, before: int) -> None:
    events = [plant.event() for _ in range(3)]
    sql.as_role("admin").execute("update api.events set area = 'north' where id = any(%s)", (events,))
    updates = [line for line in _lines(sql, "events", before) if line[2] == "update"]
    assert [line[3] for line in updates] == [str(event) for event in events]


def test_a_row_with_two_keys(sql: Sql, plant: Plant, before: int) -> None:
    event = plant.event()
    sql.superuser.execute("insert into private.experiments (name) values ('pair')")
    sql.as_role("operator").execute(
        "insert into api.experiment_events (experiment_id, event_id)"
        " select id, %s from api.experiments where name = 'pair'",
        (event,),
    )
    (line,) = _lines(sql, "experiment_events", before)
    assert line[3].endswith(f",{event}")


def test_secrets_are_not_written_down(sql: Sql, before: int) -> None:
    sql.superuser.execute("select private.add_user('secretive', null, 'viewer', 'the first hash')")
    sql.superuser.execute("update private.users set password_hash = 'the second hash' where username = 'secretive'")
    sql.superuser.execute("update private.users set password_hash = null where username = 'secretive'")
    sql.superuser.execute("delete from private.users where username = 'secretive'")
    lines = _lines(sql, "users", before)
    assert "the first" not in str(lines)
    assert "the second" not in str(lines)
    assert lines[1][4:] == ({"password_hash": "***"}, {"password_hash": "***"})
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("users", "update private.users set email = email"),
        ("controllers", "update private.controllers set last_seen_at = now(), connected_at = now(), software = 'new'"),
        ("credentials", "update private.credentials set last_used_at = now()"),
        ("plugin_instances", "update private.plugin_instances set status = 'error', reported_at = now()"),
        ("settings", "select private.keep_partitions()"),
        ("settings", "select private.configure('{}')"),
        ("events", "update private.events set area = 'x' where false"),
    ],
)
def test_not_worth_a_line(table: str, statement: str, sql: Sql, plant: Plant, people: People) -> None:
    plant.event_of(people.the("controller"))
    people.the("viewer")
    row = sql.superuser.execute("select max(id) from private.audit_log").fetchone()
    assert row is not None
    sql.superuser.execute(statement.encode())
    assert _lines(sql, table, row[0]) == []


def test_a_change_that_is_undone_leaves_no_line(sql: Sql, before: int) -> None:
    admin = sql.as_role("admin")
    with admin.transaction(force_rollback=True):
        admin.execute("update api.users set email = null")
    assert [line for line in _lines(sql, "users", before) if line[2] == "update"] == []


def test_a_cascade_is_written_down(sql: Sql, plant: Plant, people: People, before: int) -> None:
    controller = people.controller()
    plant.event_of(controller)
    sql.as_role("admin").execute("delete from api.controllers where id = %s", (controller.id,))
    for table in ("controllers", "credentials", "plugin_instances", "channel_mappings"):
        deleted = [line for line in _lines(sql, table, before) if line[2] == "delete"]
        assert len(deleted) == 1, table
        assert deleted[0][0] == people.the("admin").name


@pytest.mark.parametrize("statement", ["update api.audit_log set actor = 'x'", "delete from api.audit_log"])
def test_the_log_is_append_only(statement: str, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_role("admin").execute(statement.encode())
