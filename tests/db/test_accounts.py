"""Accounts, sessions and tokens, and that an administrator always remains."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import psycopg
import pytest

from tests.support.people import Caller, People
from tests.support.postgres import Connection
from tests.support.sql import Sql

REMOVALS = (
    "update api.users set role = 'viewer' where id = %s",
    "update api.users set state = 'disabled' where id = %s",
    "update api.users set state = 'pending' where id = %s",
    "delete from api.users where id = %s",
)


def _only_admins(sql: Sql, people: People, count: int) -> list[int]:
    """The numbers of the only active administrators."""
    kept = [people.user("admin").id for _ in range(count)]
    sql.superuser.execute("update private.users set role = 'viewer' where role = 'admin' and id <> all(%s)", (kept,))
    return kept


@pytest.mark.parametrize("removal", REMOVALS)
def test_the_last_administrator_stays(removal: str, sql: Sql, people: People) -> None:
    admin = people.user("admin")
    sql.superuser.execute("update private.users set role = 'viewer' where role = 'admin' and id <> %s", (admin.id,))
    with pytest.raises(psycopg.errors.CheckViolation, match="At least one active administrator"):
        sql.as_caller(admin).execute(removal.encode(), (admin.id,))


@pytest.mark.parametrize("removal", REMOVALS)
def test_one_of_two_may_go(removal: str, sql: Sql, people: People) -> None:
    admin, other = people.user("admin"), people.user("admin")
    sql.as_caller(admin).execute(removal.encode(), (other.id,))


def test_all_at_once_may_not(sql: Sql, people: People) -> None:
    _only_admins(sql, people, 2)
    with pytest.raises(psycopg.errors.CheckViolation):
        sql.superuser.execute("update private.users set state = 'disabled'")


@pytest.mark.parametrize("removal", REMOVALS)
def test_two_who_remove_each_other_at_the_same_time(removal: str, sql: Sql, people: People) -> None:
    admins = _only_admins(sql, people, 2)
    connections = [sql.as_login("postgres") for _ in admins]
    barrier = Barrier(len(admins))

    def remove(number: int) -> bool:
        barrier.wait()
        try:
            connections[number].execute(removal.replace("api.", "private.").encode(), (admins[number],))
        except psycopg.errors.CheckViolation:
            return False
        return True

    with ThreadPoolExecutor(len(admins)) as pool:
        assert sorted(pool.map(remove, range(len(admins)))) == [False, True]


def test_a_log_in_name_is_user_name_or_address_in_any_case(sql: Sql, people: People) -> None:
    user = people.user("operator", "Somebody")
    sidecar = sql.as_login("webmacs_sidecar")
    for login in ("somebody", "SOMEBODY", "somebody@EXAMPLE.org"):
        found = sidecar.execute("select user_id, role from private.login_candidate(%s)", (login,)).fetchall()
        assert found == [(user.id, "operator")]
    assert sidecar.execute("select * from private.login_candidate('nobody')").fetchall() == []


@pytest.mark.parametrize("state", ["pending", "disabled"])
def test_no_session_for_who_is_not_active(state: str, sql: Sql, people: People) -> None:
    user = people.user("viewer")
    sql.superuser.execute("update private.users set state = %s where id = %s", (state, user.id))
    sidecar = sql.as_login("webmacs_sidecar")
    statement = "select * from private.open_session(%s, %s, 60, 60, sha256('x'), null, null)"
    assert sidecar.execute(statement, (user.id, people.kid)).fetchone() == (None,) * 6
    with pytest.raises(psycopg.Error, match="No such active user"):
        sidecar.execute("select * from private.issue_api_token(%s, 'viewer', 'x', %s, 60)", (user.id, people.kid))


@pytest.mark.parametrize(("role", "wanted"), [("viewer", "operator"), ("operator", "admin"), ("admin", "controller")])
def test_no_token_above_the_users_role(role: str, wanted: str, sql: Sql, people: People) -> None:
    user = people.user(role)
    with pytest.raises(psycopg.Error, match="role must not be above"):
        sql.as_login("webmacs_sidecar").execute(
            "select * from private.issue_api_token(%s, %s, 'x', %s, 60)", (user.id, wanted, people.kid)
        )


def test_a_new_password_ends_the_other_sessions(sql: Sql, people: People) -> None:
    kept = people.user("viewer")
    other, token = people.session(kept.name), people.api_token(kept.name, "viewer")
    sql.superuser.execute("select private.set_password(%s, 'hash', %s)", (kept.id, kept.jti))
    revoked = sql.superuser.execute(
        "select jti from private.credentials where user_id = %s and revoked_at is not null", (kept.id,)
    ).fetchall()
    assert revoked == [(other.jti,)]
    assert token.jti not in {jti for (jti,) in revoked}


CHANGE = "select private.change_password(%s, %s, %s, %s)"


def test_a_password_that_was_changed_meanwhile_is_not_overwritten(sql: Sql, people: People) -> None:
    user = people.user("viewer", password_hash="mine")
    sidecar = sql.as_login("webmacs_sidecar")
    assert sidecar.execute(CHANGE, (user.id, "mine", "newer", user.jti)).fetchone() == (True,)
    assert sidecar.execute(CHANGE, (user.id, "mine", "thief's", None)).fetchone() == (False,)
    kept = "select password_hash from private.users where id = %s"
    assert sql.superuser.execute(kept, (user.id,)).fetchone() == ("newer",)
    nobody = people.user("viewer")
    assert sidecar.execute(CHANGE, (nobody.id, None, "new", None)).fetchone() == (False,)


OPEN = """
    select jti from private.open_session(%s, %s, 60, 60, sha256(%s::text::bytea), null, null, password_hash => %s)
"""


def test_a_login_with_a_password_that_was_changed_opens_no_session(sql: Sql, people: People) -> None:
    user = people.user("viewer", password_hash="now")
    sidecar = sql.as_login("webmacs_sidecar")
    assert sidecar.execute(OPEN, (user.id, people.kid, "late", "before")).fetchone() == (None,)
    assert sidecar.execute(OPEN, (user.id, people.kid, "in time", "now")).fetchone() != (None,)


def test_a_login_while_the_password_is_changed_opens_no_session(sql: Sql, people: People) -> None:
    user = people.user("viewer", password_hash="before")
    changing, opening = sql.as_login("webmacs_sidecar"), sql.as_login("webmacs_sidecar")
    with ThreadPoolExecutor(1) as pool:
        with changing.transaction():
            changing.execute(CHANGE, (user.id, "before", "after", None))
            opened = pool.submit(opening.execute, OPEN, (user.id, people.kid, "at once", "before"))
            sql.until_blocked(opening)
        assert opened.result().fetchone() == (None,)


def test_revoking_tells_whether_there_was_something_to_revoke(sql: Sql, people: People) -> None:
    user = people.user("viewer")
    sidecar = sql.as_login("webmacs_sidecar")
    answers = [sidecar.execute("select private.revoke(%s)", (jti,)).fetchone() for jti in (user.jti, user.jti, uuid4())]
    assert answers == [(True,), (False,), (False,)]


@pytest.mark.parametrize(
    ("role", "own", "foreign"), [("viewer", True, False), ("operator", True, False), ("admin", True, True)]
)
def test_who_revokes_whose_token(role: str, own: bool, foreign: bool, sql: Sql, people: People) -> None:
    caller = people.user(role)
    assert _revokes(sql.as_caller(caller), people.session(caller.name)) == own
    assert _revokes(sql.as_caller(caller), people.user("viewer")) == foreign


def test_a_program_ends_only_its_own_token(sql: Sql, people: People) -> None:
    login = people.user("admin")
    program = people.api_token(login.name, "viewer")
    assert not _revokes(sql.as_caller(program), login)
    assert not _revokes(sql.as_caller(program), people.api_token(login.name, "viewer"))
    assert _revokes(sql.as_caller(program), program)


def _revokes(connection: Connection, token: Caller) -> bool:
    """Whether this connection may end the token; what it may not end is not there for it."""
    try:
        connection.execute("select api.revoke(%s)", (token.jti,))
    except psycopg.Error as error:
        return error.sqlstate != "PT404"
    return True


@pytest.mark.parametrize(
    ("there", "back"), [("state = 'disabled'", "state = 'active'"), ("role = 'admin'", "role = 'viewer'")]
)
def test_a_login_that_ended_does_not_come_back(there: str, back: str, sql: Sql, people: People) -> None:
    login = people.user("viewer")
    program = people.api_token(login.name, "viewer")
    for change in (there, back):
        sql.superuser.execute(f"update private.users set {change} where id = %s".encode(), (login.id,))
    check = b"select access.check_claims(%s)"
    sql.as_login("webmacs_sidecar").execute(check, (json.dumps(program.claims),))
    with pytest.raises(psycopg.Error, match="This token was revoked"):
        sql.as_login("webmacs_sidecar").execute(check, (json.dumps(login.claims),))


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_a_program_renames_nobody(role: str, sql: Sql, people: People) -> None:
    owner = people.user(role)
    rename = b"update api.users set email = null where id = %s"
    program = sql.as_caller(people.api_token(owner.name, "viewer"))
    assert program.execute("select count(*) from api.users").fetchone() == (1,)
    assert program.execute(rename, (owner.id,)).rowcount == 0
    assert sql.as_caller(owner).execute(rename, (owner.id,)).rowcount == 1


def test_who_registers_waits(sql: Sql) -> None:
    sql.as_login("webmacs_sidecar").execute("select private.register('newcomer', 'new@example.org', 'hash')")
    row = sql.superuser.execute("select role, state from private.users where username = 'newcomer'").fetchone()
    assert row == ("viewer", "pending")


@pytest.mark.parametrize("function", ["add_user('x', null, 'admin', 'h')", "configure('{}')"])
def test_the_sidecar_makes_no_administrators(function: str, sql: Sql) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.as_login("webmacs_sidecar").execute(f"select private.{function}".encode())


def test_a_controller_token_makes_its_controller_once(sql: Sql, people: People) -> None:
    first, second = people.controller("shared"), people.controller("shared")
    assert first.id == second.id
    assert first.jti != second.jti
