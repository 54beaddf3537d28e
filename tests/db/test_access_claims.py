"""Who is asking: claims count on the connections of PostgREST and the sidecar alone."""

import json

import psycopg
import pytest

from tests.support.people import Caller, People
from tests.support.postgres import Connection
from tests.support.sql import Sql


def _claim(connection: Connection, caller: Caller) -> None:
    connection.execute("select set_config('request.jwt.claims', %s, false)", (json.dumps(caller.claims),))


def test_the_caller_is_who_the_claims_say(sql: Sql, people: People) -> None:
    admin = people.the("admin")
    row = sql.as_role("admin").execute("select access.user_id(), access.actor(), access.controller_id()").fetchone()
    assert row == (admin.id, admin.name, None)


def test_a_controller_is_no_user(sql: Sql, people: People) -> None:
    controller = people.the("controller")
    row = (
        sql.as_role("controller").execute("select access.user_id(), access.actor(), access.controller_id()").fetchone()
    )
    assert row == (None, f"controller {controller.name}", controller.id)


def test_without_claims_nobody_asks(sql: Sql) -> None:
    connection = sql.as_login("webmacs_authenticator")
    connection.execute("set role webmacs_viewer")
    for _ in range(2):  # once used, the setting is '' and not null
        with connection.transaction():
            connection.execute("select set_config('request.jwt.claims', '', true)")
            assert connection.execute("select access.user_id(), access.claims()").fetchone() == (None, None)
        assert connection.execute("select * from api.users").fetchall() == []


def test_a_reader_cannot_pass_for_somebody(sql: Sql, people: People) -> None:
    reader = sql.as_login("webmacs_reader")
    _claim(reader, people.the("admin"))
    assert reader.execute("select access.actor()").fetchone() == ("webmacs_reader",)
    assert reader.execute("select * from api.me").fetchall() == []
    assert reader.execute("select * from api.users").fetchall() == []


@pytest.mark.parametrize("role", ["webmacs_admin", "webmacs_operator", "webmacs_owner", "webmacs_sidecar", "postgres"])
def test_a_reader_takes_no_higher_role(role: str, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_login("webmacs_reader").execute(f"set role {role}".encode())


@pytest.mark.parametrize(
    "statement",
    [
        "delete from private.credentials",
        "select * from private.users",
        "select private.open_session(1, 'k', 100, 100, 'x', null, null)",
        "select access.check_claims('{}')",
        "select api.ingest('[]')",
        "insert into api.datapoints (event_id, value) values (1, 1)",
        "select * from api.audit_log",
        "create table public.mine (id int)",
        "create temporary table mine (id int)",
        "create function pg_temp.mine() returns int language sql return 1",
    ],
)
def test_a_reader_changes_nothing(statement: str, sql: Sql, people: People) -> None:
    """Read-only is its own choice, so it may be switched off: the rights have to hold without it."""
    people.the("admin")
    reader = sql.as_login("webmacs_reader")
    reader.execute("set default_transaction_read_only = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement.encode())


def test_a_reader_renames_nobody(sql: Sql, people: People) -> None:
    people.the("admin")
    reader = sql.as_login("webmacs_reader")
    reader.execute("set default_transaction_read_only = off")
    assert reader.execute("update api.users set username = 'mine'").rowcount == 0


def test_a_reader_ends_nobodys_token(sql: Sql, people: People) -> None:
    reader = sql.as_login("webmacs_reader")
    reader.execute("set default_transaction_read_only = off")
    _claim(reader, people.the("admin"))
    with pytest.raises(psycopg.Error, match="No such token"):
        reader.execute("select api.revoke(%s)", (people.the("admin").jti,))


@pytest.mark.parametrize("login", ["webmacs_authenticator", "webmacs_sidecar"])
@pytest.mark.parametrize("role", ["webmacs_owner", "postgres", "webmacs_reader"])
def test_the_programs_take_web_roles_alone(login: str, role: str, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_login(login).execute(f"set role {role}".encode())


@pytest.mark.parametrize("login", ["webmacs_authenticator", "webmacs_sidecar"])
@pytest.mark.parametrize("table", ["users", "credentials", "datapoints", "settings", "events", "audit_log"])
def test_the_programs_themselves_read_no_table(login: str, table: str, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_login(login).execute(f"select * from private.{table}".encode())


def test_a_direct_update_of_foreign_accounts_finds_nothing(sql: Sql, people: People) -> None:
    other = people.user("viewer")
    changed = sql.as_role("viewer").execute("update api.users set email = 'x@y' where id = %s", (other.id,))
    assert changed.rowcount == 0


def test_an_open_filter_function_sees_no_foreign_row(sql: Sql, people: People) -> None:
    """A function in a condition is not called with rows that the policy hides."""
    people.user("viewer", "hidden_one")
    viewer = sql.as_role("viewer")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        viewer.execute("create function pg_temp.spy(text) returns boolean language plpgsql as ''")
    rows = viewer.execute("select username from api.users where 1 / (length(username) - length('hidden_one')) <> 2")
    assert "hidden_one" not in {name for (name,) in rows.fetchall()}
