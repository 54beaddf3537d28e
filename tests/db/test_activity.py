"""Last use of tokens, and logins that failed: what is written, and what not."""

from typing import Any

import psycopg
import pytest

from tests.support.people import Caller, People
from tests.support.sql import Sql

AGO = "update private.credentials set last_used_at = now() - %s::interval where jti = %s"
USED = "select host(last_used_address), last_used_agent, last_used_at = now() from private.credentials where jti = %s"


def _seen(sql: Sql, caller: Caller, address: str | None = None, agent: str | None = None) -> tuple[Any, ...]:
    """What is there after it was noted, in the same transaction."""
    connection = sql.superuser
    with connection.transaction():
        connection.execute("select private.note_seen(%s, %s::inet[], %s)", ([caller.jti], [address], [agent]))
        row = connection.execute(USED, (caller.jti,)).fetchone()
    assert row is not None
    return row


def test_it_is_written_every_five_minutes(sql: Sql, people: People) -> None:
    ada = people.user()
    assert _seen(sql, ada) == (None, None, True)
    assert _seen(sql, ada) == (None, None, False)
    sql.superuser.execute(AGO, ("6 minutes", ada.jti))
    assert _seen(sql, ada) == (None, None, True)


def test_another_place_is_written_at_once_and_kept(sql: Sql, people: People) -> None:
    ada = people.user()
    assert _seen(sql, ada, "192.0.2.1", "one") == ("192.0.2.1", "one", True)
    assert _seen(sql, ada, "192.0.2.1", "one") == ("192.0.2.1", "one", False)
    assert _seen(sql, ada, "192.0.2.2", "one") == ("192.0.2.2", "one", True)
    sql.superuser.execute(AGO, ("6 minutes", ada.jti))
    assert _seen(sql, ada) == ("192.0.2.2", "one", True)
    assert _seen(sql, ada, "2001:db8::1", None) == ("2001:db8::1", None, True)
    assert _seen(sql, ada, "2001:db8::1", "x" * 999)[1] == "x" * 300


def test_several_at_once_and_one_twice(sql: Sql, people: People) -> None:
    ada, bob = people.user(), people.user()
    jtis = [ada.jti, bob.jti, ada.jti]
    sql.superuser.execute(
        "select private.note_seen(%s, %s::inet[], %s)", (jtis, [None, "192.0.2.9", "192.0.2.1"], [None, "b", "a"])
    )
    rows = [sql.superuser.execute(USED, (who.jti,)).fetchone() for who in (ada, bob)]
    assert [row and row[:2] for row in rows] == [("192.0.2.1", "a"), ("192.0.2.9", "b")]


def test_what_does_not_count_was_not_seen(sql: Sql, people: People) -> None:
    """Whoever forges the notification cannot make an ended session look alive."""
    ada = people.user()
    sql.superuser.execute("select private.revoke(%s)", (ada.jti,))
    assert _seen(sql, ada, "192.0.2.1") == (None, None, None)


def test_a_controller_is_seen_with_its_token(sql: Sql, people: People) -> None:
    edge = people.controller()
    _seen(sql, edge, "192.0.2.7", "webmacs-controller")
    place = sql.as_role("viewer").execute(
        "select last_seen_address, last_seen_agent from api.controllers where id = %s", (edge.id,)
    )
    assert place.fetchone() == ("192.0.2.7", "webmacs-controller")


def test_a_user_is_seen_with_any_session_or_token(sql: Sql, people: People) -> None:
    ada = people.user()
    program = people.api_token(ada.name, "viewer")
    _seen(sql, ada, "192.0.2.1", "browser")
    sql.superuser.execute(AGO, ("1 hour", ada.jti))
    _seen(sql, program, "192.0.2.2", "script")
    query = b"select last_seen_at, last_seen_address, last_seen_agent from api.users where id = %s"
    seen = sql.as_role("admin").execute(query, (ada.id,)).fetchone()
    assert seen is not None
    assert seen[0] is not None
    assert seen[1:] == ("192.0.2.2", "script")
    assert sql.as_caller(ada).execute(query, (ada.id,)).fetchone() == seen


def test_being_seen_is_no_change(sql: Sql, people: People) -> None:
    """Neither the audit log nor those who watch for revocations hear of it."""
    ada, edge = people.user(), people.controller()
    listener = sql.as_login("postgres")
    listener.execute("listen webmacs_revoked")
    count = "select count(*) from private.audit_log"
    before = sql.superuser.execute(count).fetchone()
    _seen(sql, ada, "192.0.2.1")
    _seen(sql, edge, "192.0.2.1")
    assert sql.superuser.execute(count).fetchone() == before
    sql.superuser.execute("notify webmacs_revoked, 'last'")
    assert [n.payload for n in listener.notifies(timeout=20, stop_after=1)] == ["last"]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_request_tells_of_it_when_it_is_due(sql: Sql, people: People, *, read_only: bool) -> None:
    ada = people.user()
    caller = people.api_token(ada.name, "viewer", read_only=read_only)
    listener = sql.as_login("webmacs_sidecar")
    listener.execute("listen webmacs_seen")
    _request(sql, caller)
    _seen(sql, caller)
    _request(sql, caller)
    sql.superuser.execute("notify webmacs_seen, 'last'")
    payloads = [n.payload for n in listener.notifies(timeout=20, stop_after=2)]
    assert payloads == [str(caller.jti), "last"]


def _request(sql: Sql, caller: Caller) -> None:
    connection = sql.as_caller(caller)
    with connection.transaction():
        connection.execute("set transaction read only")
        connection.execute("select set_config('request.method', 'GET', true), access.check_request()")


NOTE = "select private.note_login_failure(%s, %s, %s, %s)"


def test_each_sees_the_failures_of_its_own_account(sql: Sql, people: People) -> None:
    ada, bob = people.user(), people.user()
    sidecar = sql.as_login("webmacs_sidecar")
    sidecar.execute(NOTE, (ada.id, "192.0.2.1", "x" * 999, "wrong_password"))
    sidecar.execute(NOTE, (None, None, None, "unknown_user"))
    sidecar.execute(NOTE, (2_000_000_000, None, None, "wrong_password"))  # deleted meanwhile
    query = "select user_public_id, address, agent, reason from api.login_failures order by id"
    first = (ada.public_id, "192.0.2.1", "x" * 300, "wrong_password")
    assert sql.as_caller(ada).execute(query).fetchall() == [first]
    assert sql.as_caller(bob).execute(query).fetchall() == []
    assert sql.as_role("admin").execute(query).fetchall() == [first, (None, None, None, "unknown_user")]


def test_failures_are_kept_for_90_days(sql: Sql, people: People) -> None:
    ada = people.user()
    sql.superuser.execute(
        "insert into private.login_failures (user_id, reason, failed_at)"
        " select %s, 'disabled', now() - days * interval '1 day' from unnest('{89,91}'::int[]) days",
        (ada.id,),
    )
    sql.as_login("webmacs_sidecar").execute("select private.prune_login_failures()")
    kept = sql.as_caller(ada).execute("select failed_at > now() - interval '90 days' from api.login_failures")
    assert kept.fetchall() == [(True,)]


def test_a_reason_that_does_not_exist(sql: Sql, people: People) -> None:
    with pytest.raises(psycopg.errors.CheckViolation, match="reason must be one that"):
        sql.superuser.execute(NOTE, (people.the("viewer").id, None, None, "bad luck"))
