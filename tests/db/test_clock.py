"""A clock that jumps ahead makes nothing go that cannot come back; one that is behind is noticed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.db.retention import Past
from tests.support.database import Database
from tests.support.people import People
from tests.support.postgres import Connection
from tests.support.sql import Sql

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


@pytest.fixture
def past(fresh_database: Database) -> Iterator[Past]:
    made = Past(fresh_database)
    yield made
    made.superuser.close()
    made.send.connection.close()


@pytest.fixture
def connection(sql: Sql) -> Connection:
    sql.superuser.execute("delete from private.clock")
    return sql.superuser


def one(connection: Connection, statement: str, *values: object) -> Any:
    row = connection.execute(statement.encode(), values).fetchone()
    return row and row[0]


def note(connection: Connection, *times: datetime) -> datetime:
    """The newest time that is trusted after these were noted."""
    for at in times:
        connection.execute("select private.note_time(%s)", (at,))
    seen: datetime = one(connection, "select seen_at from private.clock")
    return seen


def test_time_goes_on(connection: Connection) -> None:
    assert note(connection, NOW, NOW + DAY / 2, NOW + DAY) == NOW + DAY
    assert one(connection, "select private.trusted_time(%s)", NOW + 2 * DAY) == NOW + 2 * DAY
    assert one(connection, "select private.clock_problem(%s)", NOW + 2 * DAY) is None


def test_a_clock_that_is_behind_is_told_and_nothing_forgotten(connection: Connection) -> None:
    assert note(connection, NOW, datetime(1970, 1, 1, tzinfo=UTC)) == NOW
    assert "is 3 days behind a time" in one(connection, "select private.clock_problem(%s)", NOW - 3 * DAY)
    assert one(connection, "select private.trusted_time(%s)", NOW - 3 * DAY) == NOW - 3 * DAY


def test_a_jump_ahead_is_not_believed_and_told_once(connection: Connection) -> None:
    told = "select count(*) from private.log_entries where source = 'clock'"
    before = one(connection, told)
    far = NOW + 30_000 * DAY
    assert note(connection, NOW, far, far + DAY / 24, far + DAY / 2) == NOW
    assert one(connection, "select private.trusted_time(%s)", far) == NOW
    assert "went 30000 days ahead" in one(connection, "select private.clock_problem(%s)", far)
    assert one(connection, told) == before + 1
    assert note(connection, NOW + DAY / 24) == NOW + DAY / 24
    assert one(connection, "select doubted_since is null from private.clock")


def test_what_stays_for_a_day_is_believed(connection: Connection) -> None:
    """It was switched off for two weeks."""
    assert note(connection, NOW, NOW + 14 * DAY, NOW + 14.9 * DAY) == NOW
    assert note(connection, NOW + 15 * DAY) == NOW + 15 * DAY


def test_a_second_jump_begins_the_day_anew(connection: Connection) -> None:
    assert note(connection, NOW, NOW + 30 * DAY, NOW + 10 * DAY, NOW + 10.5 * DAY) == NOW
    assert note(connection, NOW + 11 * DAY) == NOW + 11 * DAY


def test_somebody_says_that_it_is_right(connection: Connection) -> None:
    note(connection, NOW + 900 * DAY)
    assert one(connection, "select private.clock_problem()")
    connection.execute("select private.trust_clock()")
    assert one(connection, "select private.clock_problem()") is None


def test_a_jump_ahead_drops_no_history(past: Past) -> None:
    past.superuser.execute("select private.note_time(%s)", (past.now,))
    past.policy("raw", age_days=90)
    far = past.now + 30_000 * DAY
    assert past.expire(far) == []
    past.superuser.execute("select private.move_rollups(%s)", (far,))
    assert past.one("select rolled_to from private.settings") <= past.now
    past.superuser.execute("update private.clock set seen_at = %s", (far,))  # it is believed
    assert past.expire(far)


def test_a_jump_ahead_makes_no_key_superfluous(connection: Connection, people: People) -> None:
    people.user("viewer")
    connection.execute("select private.note_time(now() - interval '40 years')")
    connection.execute("update private.signing_keys set replaced_at = now() - interval '35 years'")
    assert one(connection, "select tokens > 0 and not spent from private.list_keys() where kid = %s", people.kid)
    connection.execute("update private.credentials set revoked_at = now()")
    assert not one(connection, "select spent from private.list_keys() where kid = %s", people.kid)
    connection.execute("select private.trust_clock()")
    assert one(connection, "select spent from private.list_keys() where kid = %s", people.kid)


def test_a_refresh_token_that_was_used_in_the_future_counts_as_stolen(connection: Connection, people: People) -> None:
    """After the clock was set back, the ten seconds for a second try would last until then."""
    someone = people.user("viewer")
    use = (
        "select jti from private.refresh_session((select hash from private.refresh_tokens r"
        " where r.credential_id = %s order by r.id limit 1), 'nonce', sha256(gen_random_uuid()::text::bytea), %s, 900)"
    )
    for used in (False, True):
        assert one(connection, use, someone.credential_id, people.kid) == someone.jti, used
    connection.execute(
        "update private.refresh_tokens set used_at = now() + interval '3 days' where credential_id = %s"
        " and used_at is not null",
        (someone.credential_id,),
    )
    assert one(connection, use, someone.credential_id, people.kid) is None
    ended = "select revoked_at is not null from private.credentials where id = %s"
    assert one(connection, ended, someone.credential_id)


def test_a_jump_ahead_forgets_neither_where_people_were_nor_what_failed(connection: Connection, people: People) -> None:
    """The jump is 900 days: what was noted just before it is that old."""
    ada, before = people.user(), NOW - 900 * DAY
    note(connection, before)
    connection.execute("insert into private.familiar_addresses values (%s, '192.0.2.1', %s)", (ada.id, before))
    connection.execute(
        "insert into private.login_failures (failed_at, user_id, reason) values (%s, %s, 'wrong_password')",
        (before, ada.id),
    )
    connection.execute(
        "update private.credentials set created_at = %s, expires_at = %s where id = %s",
        (before, before + DAY / 2, ada.credential_id),
    )
    connection.execute("select private.purge_login_limits(), private.prune_login_failures()")
    connection.execute("select private.prune_refresh_tokens()")
    for table in ("familiar_addresses", "login_failures"):
        assert one(connection, f"select count(*) from private.{table} where user_id = %s", ada.id) == 1
    of_the_first = "select count(*) from private.refresh_tokens where credential_id = %s"
    assert one(connection, of_the_first, ada.credential_id) == 1  # it goes on when the clock is right again
