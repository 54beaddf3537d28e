"""Tokens of controllers: renewed once each, for the same controller, and revoked with what they were renewed to."""

from typing import Any
from uuid import UUID

import pytest
from psycopg.rows import dict_row

from tests.support.people import Caller, People
from tests.support.sql import Sql

DAY = 86_400
RENEW = "select * from private.renew_controller_token(%s, %s, %s)"


def renew(sql: Sql, people: People, old: Caller, seconds: int = 365 * DAY) -> dict[str, Any]:
    with sql.as_login("webmacs_sidecar").cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(RENEW, (old.credential_id, people.kid, seconds)).fetchone()
    assert row is not None
    return row


def controller(sql: Sql, people: People, lived: float) -> Caller:
    """One whose token has lived that part of its life of 100 days."""
    made = people.controller(seconds=100 * DAY)
    sql.superuser.execute(
        "update private.credentials set created_at = created_at - %(past)s * interval '1 day',"
        " expires_at = expires_at - %(past)s * interval '1 day' where jti = %(jti)s",
        {"past": 100 * lived, "jti": made.jti},
    )
    return made


def counts(sql: Sql, jti: UUID) -> bool:
    row = sql.superuser.execute("select revoked_at is null from private.credentials where jti = %s", (jti,)).fetchone()
    assert row is not None
    return bool(row[0])


@pytest.mark.parametrize("lived", [0, 0.49])
def test_not_before_the_middle_of_its_life(lived: float, sql: Sql, people: People) -> None:
    answer = renew(sql, people, controller(sql, people, lived))
    assert answer["jti"] is None
    assert answer["due_in"] == pytest.approx((0.5 - lived) * 100 * DAY, abs=60)


@pytest.mark.parametrize("lived", [0.51, 0.99])
def test_from_then_on_for_the_same_controller_while_the_old_one_counts(lived: float, sql: Sql, people: People) -> None:
    old = controller(sql, people, lived)
    fresh = renew(sql, people, old)
    assert fresh["jti"] not in (None, old.jti)
    assert (fresh["sub"], fresh["role"], fresh["due_in"]) == (old.public_id, "webmacs_controller", 0)
    assert (fresh["expires_at"] - fresh["issued_at"]).days == 365
    assert counts(sql, old.jti)
    assert counts(sql, fresh["jti"])


def test_asked_again_it_is_the_same(sql: Sql, people: People) -> None:
    old = controller(sql, people, 0.6)
    assert renew(sql, people, old)["jti"] == renew(sql, people, old)["jti"]


def test_asked_again_after_a_rotation_it_has_the_same_key(sql: Sql, people: People) -> None:
    """The controller may have kept the first answer, and that key must not go before it."""
    old = controller(sql, people, 0.6)
    sql.superuser.execute("select private.register_key('the next')")
    statement = "select signed_by from private.renew_controller_token(%s, %s, 3600)"
    for kid in (people.kid, "the next"):
        assert sql.superuser.execute(statement, (old.credential_id, kid)).fetchone() == (people.kid,)


def test_it_does_not_end_before_the_old_one(sql: Sql, people: People) -> None:
    old = controller(sql, people, 0.6)
    fresh = renew(sql, people, old, DAY)
    row = sql.superuser.execute("select expires_at from private.credentials where jti = %s", (old.jti,)).fetchone()
    assert row == (fresh["expires_at"],)


def test_revoking_one_revokes_all_that_came_of_it(sql: Sql, people: People) -> None:
    old = controller(sql, people, 0.6)
    fresh = renew(sql, people, old)["jti"]
    sql.superuser.execute(
        "update private.credentials set created_at = now() - interval '2 years' where jti = %s", (fresh,)
    )
    (number,) = sql.superuser.execute("select id from private.credentials where jti = %s", (fresh,)).fetchone() or (0,)
    statement = "select jti from private.renew_controller_token(%s, %s, %s)"
    (third,) = sql.superuser.execute(statement, (number, people.kid, DAY)).fetchone() or (None,)
    other = people.session(people.the("viewer").name)
    sql.superuser.execute("select private.revoke(%s)", (old.jti,))
    assert third is not None
    assert [counts(sql, jti) for jti in (old.jti, fresh, third, other.jti)] == [False, False, False, True]


@pytest.mark.parametrize("revoked", ["old", "fresh"])
def test_a_revoked_one_is_not_renewed(revoked: str, sql: Sql, people: People) -> None:
    old = controller(sql, people, 0.6)
    fresh = renew(sql, people, old)["jti"]
    sql.superuser.execute("select private.revoke(%s)", ({"old": old.jti, "fresh": fresh}[revoked],))
    assert renew(sql, people, old)["jti"] is None


def test_nobody_elses(sql: Sql, people: People) -> None:
    for caller in (people.the("admin"), people.api_token(people.the("admin").name, "admin")):
        assert renew(sql, people, caller)["jti"] is None


def test_what_ended_long_ago_is_forgotten(sql: Sql, people: People) -> None:
    ada = people.user()
    made = [people.api_token(ada.name, "viewer") for _ in range(5)]
    long_ago = "now() - interval '91 days'"
    for caller, change in zip(
        made,
        [
            f"expires_at = {long_ago}, created_at = {long_ago} - interval '1 day'",
            f"revoked_at = {long_ago}, last_used_at = {long_ago} - interval '1 day'",
            f"revoked_at = {long_ago}, last_used_at = {long_ago}",  # the last use of all
            "revoked_at = now() - interval '89 days'",
            "read_only = true",
        ],
        strict=True,
    ):
        sql.superuser.execute(f"update private.credentials set {change} where jti = %s".encode(), (caller.jti,))
    sidecar = sql.as_login("webmacs_sidecar")
    counts = [sidecar.execute("select private.prune_credentials()").fetchone() for _ in range(2)]
    assert counts == [(2,), (0,)]
    query = "select jti from private.credentials where jti = any (%s) order by id"
    kept = sql.superuser.execute(query, ([caller.jti for caller in made],)).fetchall()
    assert kept == [(caller.jti,) for caller in made[2:]]
    audited = "select old ->> 'jti' from private.audit_log where table_name = 'credentials' and operation = 'delete'"
    assert {(str(caller.jti),) for caller in made[:2]} <= set(sql.superuser.execute(audited).fetchall())
