"""One-time secrets with which a user sets a password."""

from typing import Any

import psycopg
import pytest

from tests.support.people import Caller, People
from tests.support.sql import Sql

USE = "select private.use_password_reset(sha256(convert_to(%s, 'UTF8')), 'new hash')"
WHOSE = "select user_id, username from private.password_reset(sha256(convert_to(%s, 'UTF8')))"


@pytest.fixture
def ada(people: People) -> Caller:
    return people.user()


def issue(sql: Sql, user: Caller, hours: int = 24) -> str:
    row = sql.as_role("admin").execute("select secret from api.reset_password(%s, %s)", [user.public_id, hours])
    return str(one(row)[0])


def one(cursor: Any) -> Any:
    row = cursor.fetchone()
    assert row is not None
    return row


def use(sql: Sql, secret: str) -> bool:
    return bool(one(sql.as_login("webmacs_sidecar").execute(USE, [secret]))[0])


def test_once(sql: Sql, ada: Caller) -> None:
    secret = issue(sql, ada)
    assert one(sql.as_login("webmacs_sidecar").execute(WHOSE, [secret])) == (ada.id, ada.name)
    assert use(sql, secret) is True
    assert use(sql, secret) is False
    stored = sql.superuser.execute("select password_hash from private.users where id = %s", [ada.id])
    assert one(stored) == ("new hash",)


def test_the_secret_itself_is_nowhere(sql: Sql, ada: Caller) -> None:
    secret = issue(sql, ada)
    digest = one(sql.superuser.execute("select encode(sha256(convert_to(%s, 'UTF8')), 'hex')", [secret]))[0]
    kept = one(sql.superuser.execute("select string_agg(r::text, '') from private.password_resets r"))[0]
    audited = one(sql.superuser.execute("select string_agg(a::text, '') from private.audit_log a"))[0]
    assert secret not in kept + audited
    assert digest in kept
    assert digest not in audited
    assert "password_resets" in audited


def test_a_later_one_replaces_it(sql: Sql, ada: Caller) -> None:
    first, second = issue(sql, ada), issue(sql, ada)
    assert use(sql, first) is False
    assert use(sql, second) is True


@pytest.mark.parametrize(
    "change",
    [
        "update private.password_resets set created_at = now() - interval '2 days', expires_at = now()",
        "update private.users set state = 'disabled' where id = %(id)s",
        "select private.set_password(%(id)s, 'other hash', null)",
        "delete from private.users where id = %(id)s",
    ],
)
def test_what_ends_it(sql: Sql, ada: Caller, change: str) -> None:
    secret = issue(sql, ada)
    sql.superuser.execute(change.encode(), {"id": ada.id})
    assert one(sql.as_login("webmacs_sidecar").execute(WHOSE, [secret])) == (None, None)
    assert use(sql, secret) is False


def test_using_it_ends_sessions_and_not_programs(sql: Sql, ada: Caller, people: People) -> None:
    program = people.api_token(ada.name, "viewer")
    use(sql, issue(sql, ada))
    revoked = sql.superuser.execute(
        "select jti from private.credentials where user_id = %s and revoked_at is not null", [ada.id]
    )
    assert revoked.fetchall() == [(ada.jti,)]
    assert program.jti != ada.jti


@pytest.mark.parametrize("hours", [0, -1, 169, None])
def test_how_long(sql: Sql, ada: Caller, hours: int | None) -> None:
    with pytest.raises(psycopg.Error, match="hours must be from 1 to 168"):
        sql.as_role("admin").execute("select api.reset_password(%s, %s)", [ada.public_id, hours])


@pytest.mark.parametrize("state", ["pending", "disabled"])
def test_only_of_active_accounts(sql: Sql, ada: Caller, state: str) -> None:
    sql.superuser.execute("update private.users set state = %s where id = %s", [state, ada.id])
    with pytest.raises(psycopg.Error, match="No such active user"):
        issue(sql, ada)


def test_a_program_of_an_administrator_makes_none(sql: Sql, ada: Caller, people: People) -> None:
    program = sql.as_caller(people.api_token(people.the("admin").name, "admin"))
    with pytest.raises(psycopg.Error, match="A program cannot reset passwords"):
        program.execute("select api.reset_password(%s)", [ada.public_id])


def test_expired_ones_are_purged(sql: Sql, ada: Caller) -> None:
    issue(sql, ada)
    sql.superuser.execute(
        "update private.password_resets set created_at = now() - interval '2 days', expires_at = now()"
    )
    sql.as_login("webmacs_sidecar").execute("select private.purge_login_limits()")
    assert sql.superuser.execute("select count(*) from private.password_resets").fetchone() == (0,)
