"""Sessions go on by refresh tokens that count once: the same again at once is forgiven, later it ends the session."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support.people import People
from tests.support.postgres import Connection
from tests.support.sql import Sql
from webmacs.accounts import refresh_tokens

OPEN = "select * from private.open_session(%s, %s, %s, %s, %s, %s, %s)"
REFRESH = "select * from private.refresh_session(%s, %s, %s, %s, %s)"
Row = dict[str, Any]


@dataclass
class Login:
    """A session with its first refresh token."""

    user_id: int
    row: Row
    token: str


class Desk:
    """Plays the sidecar: opens and refreshes sessions."""

    def __init__(self, sql: Sql, people: People) -> None:
        self.superuser = sql.superuser
        self._sidecar = sql.as_login("webmacs_sidecar")
        self._people = people

    def login(self, *, seconds: int = 3600, access_seconds: int = 900) -> Login:
        user = self._people.user("operator").id
        token = refresh_tokens.fresh()
        values = [user, self._people.kid, seconds, access_seconds, refresh_tokens.hashed(token), "10.0.0.1", "curl/8"]
        return Login(user, one(self._sidecar, OPEN, *values), token)

    def refresh(self, token: str, by: Connection | None = None, *, kid: str | None = None) -> tuple[Row, str | None]:
        """What the database answers, and the successor; None if the token does not count."""
        nonce = refresh_tokens.nonce()
        first, next_ = (refresh_tokens.hashed(text) for text in (token, refresh_tokens.successor(token, nonce)))
        row = one(by or self._sidecar, REFRESH, first, nonce, next_, kid or self._people.kid, 900)
        known = row["successor_nonce"]
        return row, refresh_tokens.successor(token, known) if known else None

    def change(self, login: Login, statement: str) -> None:
        self.superuser.execute(statement.encode(), {"id": login.user_id, "jti": login.row["jti"]})

    def revoked(self, login: Login) -> bool:
        row = one(self.superuser, "select revoked_at from private.credentials where jti = %s", login.row["jti"])
        return row["revoked_at"] is not None


def one(connection: Connection, statement: str, *values: object) -> Row:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement.encode(), values).fetchone()
    assert row is not None
    return row


@pytest.fixture(scope="module")
def desk(sql: Sql, people: People) -> Desk:
    people.the("admin")  # remains whatever becomes of others
    return Desk(sql, people)


def used_ago(seconds: float) -> str:
    return (
        f"update private.refresh_tokens set used_at = now() - interval '{seconds} seconds' where used_at is not null"
        " and credential_id = (select id from private.credentials where jti = %(jti)s)"
    )


def test_a_session_goes_on_with_each_successor(desk: Desk) -> None:
    login = desk.login()
    token, rows = login.token, []
    for _ in range(3):
        row, successor = desk.refresh(token)
        assert successor is not None
        rows.append(row)
        token = successor
    assert {row["jti"] for row in rows} == {login.row["jti"]}
    assert {row["session_expires_at"] for row in rows} == {login.row["session_expires_at"]}
    assert all(900 - 1 < (row["expires_at"] - row["issued_at"]).total_seconds() <= 900 for row in rows)


def test_an_access_token_does_not_outlive_its_session(desk: Desk) -> None:
    login = desk.login(seconds=60)
    row, _ = desk.refresh(login.token)
    assert login.row["expires_at"] == row["expires_at"] == login.row["session_expires_at"]


def test_the_same_within_ten_seconds_has_the_same_successor(desk: Desk) -> None:
    login = desk.login()
    answers = [desk.refresh(login.token)]
    desk.change(login, used_ago(9))
    answers.append(desk.refresh(login.token))
    assert answers[0][1] == answers[1][1]
    assert desk.refresh(str(answers[0][1]))[1] is not None
    assert not desk.revoked(login)


def test_later_it_ends_the_session_and_is_logged_once(desk: Desk) -> None:
    login = desk.login()
    _, successor = desk.refresh(login.token)
    desk.change(login, used_ago(11))
    assert [desk.refresh(login.token)[1] for _ in range(2)] == [None, None]
    assert desk.revoked(login)
    with pytest.raises(psycopg.Error, match="revoked"):
        desk.refresh(str(successor))
    told = (
        "select count(*) as n from private.log_entries l, private.users u"
        " where u.id = %s and strpos(message, 'of ' || username || ' was') > 0"
    )
    assert one(desk.superuser, told, login.user_id)["n"] == 1


def test_an_unknown_one_does_not_count(desk: Desk) -> None:
    assert desk.refresh(refresh_tokens.fresh())[1] is None


ENDS = {
    "revoked": ("update private.credentials set revoked_at = now() where jti = %(jti)s", "revoked"),
    "expired": (
        "update private.credentials set created_at = '-infinity', expires_at = now() where jti = %(jti)s",
        "expired",
    ),
    "user disabled": ("update private.users set state = 'disabled' where id = %(id)s", "disabled"),
    "user pending": ("update private.users set state = 'pending' where id = %(id)s", "disabled"),
    "role changed": ("update private.users set role = 'admin' where id = %(id)s", "role"),
    "key retired": ("update private.signing_keys set retired_at = now()", "retired"),
}


@pytest.mark.parametrize("end", ENDS)
def test_an_ended_session_does_not_go_on(end: str, desk: Desk) -> None:
    login = desk.login()
    statement, reason = ENDS[end]
    desk.change(login, statement)
    try:
        with pytest.raises(psycopg.Error, match=reason) as refused:
            desk.refresh(login.token)
    finally:
        desk.superuser.execute("update private.signing_keys set retired_at = null")
    assert refused.value.sqlstate == "PT401"


def test_of_a_deleted_user_nothing_is_left(desk: Desk) -> None:
    login = desk.login()
    desk.change(login, "delete from private.users where id = %(id)s")
    assert desk.refresh(login.token)[1] is None


def test_many_at_the_same_moment_have_one_successor(desk: Desk, sql: Sql) -> None:
    login = desk.login()
    connections = [sql.as_login("webmacs_sidecar") for _ in range(6)]
    barrier = Barrier(len(connections))

    def refresh(connection: Connection) -> str | None:
        barrier.wait()
        return desk.refresh(login.token, connection)[1]

    with ThreadPoolExecutor(len(connections)) as pool:
        successors = set(pool.map(refresh, connections))
    assert len(successors) == 1
    assert desk.refresh(str(successors.pop()))[1] is not None


def test_one_that_waits_for_another_has_its_successor(desk: Desk, sql: Sql) -> None:
    """The first has rotated and not committed; the second, with a nonce of its own, waits for the row."""
    login = desk.login()
    first, second = sql.as_login("webmacs_sidecar"), sql.as_login("webmacs_sidecar")
    with ThreadPoolExecutor(1) as pool:
        with first.transaction():
            _, successor = desk.refresh(login.token, first)
            waiting = pool.submit(desk.refresh, login.token, second)
            sql.until_blocked(second)
        assert waiting.result()[1] == successor


def test_what_was_not_committed_was_not_used(desk: Desk, sql: Sql) -> None:
    login = desk.login()
    broken = sql.as_login("webmacs_sidecar")
    with broken.transaction(force_rollback=True):
        _, lost = desk.refresh(login.token, broken)
    _, successor = desk.refresh(login.token)
    assert successor is not None
    assert successor != lost


def test_the_database_keeps_no_token(desk: Desk) -> None:
    login = desk.login()
    _, successor = desk.refresh(login.token)
    kept = one(desk.superuser, "select string_agg(r::text, ' ') as all from private.refresh_tokens r")["all"]
    for token in (login.token, str(successor)):
        assert token not in kept
        assert token.encode().hex() not in kept
        assert refresh_tokens.hashed(token).hex() in kept


def test_a_session_moves_to_the_new_key(desk: Desk) -> None:
    desk.superuser.execute("select private.register_key('a new one')")
    login = desk.login()
    desk.refresh(login.token, kid="a new one")
    kid = one(desk.superuser, "select kid from private.credentials where jti = %s", login.row["jti"])
    assert kid == {"kid": "a new one"}


def test_what_ended_sessions_left_is_pruned(desk: Desk, sql: Sql) -> None:
    login = desk.login()
    count = (
        "select count(*) as n from private.refresh_tokens r join private.credentials t on t.id = r.credential_id"
        " where t.user_id = %s"
    )
    desk.refresh(login.token)
    assert one(desk.superuser, count, login.user_id) == {"n": 3}  # people are made with a session
    desk.change(login, "select private.revoke(%(jti)s)")
    with sql.as_login("webmacs_sidecar") as sidecar:
        pruned = [one(sidecar, "select private.prune_refresh_tokens() as n")["n"] for _ in range(2)]
    assert pruned[0] >= 2  # tests before this one have left some, too
    assert pruned[1] == 0
    assert one(desk.superuser, count, login.user_id) == {"n": 1}


def test_logging_out_by_the_refresh_token(desk: Desk, sql: Sql) -> None:
    login = desk.login()
    sidecar = sql.as_login("webmacs_sidecar")
    end = "select private.end_session(%s) as ended"
    assert [one(sidecar, end, refresh_tokens.hashed(login.token))["ended"] for _ in range(2)] == [True, False]
    assert desk.revoked(login)


@pytest.fixture
def listener(sql: Sql) -> Iterator[Connection]:
    connection = sql.as_login("webmacs_sidecar")
    connection.execute("listen webmacs_revoked")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("select private.revoke(%(jti)s)", 1),
        ("update private.users set state = 'disabled' where id = %(id)s", 1),
        ("update private.credentials set last_used_at = now() where jti = %(jti)s", 0),
        ("update private.users set email = null where id = %(id)s", 0),
    ],
)
def test_only_what_ends_something_has_sockets_checked(
    statement: str, told: int, desk: Desk, listener: Connection
) -> None:
    desk.change(desk.login(), statement)
    desk.superuser.execute("notify webmacs_revoked, 'the end'")
    payloads = [notification.payload for notification in listener.notifies(stop_after=told + 1, timeout=20)]
    assert payloads == [""] * told + ["the end"]
