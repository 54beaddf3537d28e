"""Sessions by identity providers: how long they go on, when the provider is asked, and how they are unlinked."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.support.people import Caller, People
from tests.support.postgres import Connection
from tests.support.sql import Sql
from webmacs.accounts import refresh_tokens

TRUST = 3600
_numbers = itertools.count(1)

LINK = """
    insert into private.identities (user_id, issuer, subject)
    values (%s, 'https://id.example.org', %s) returning id
"""
OPEN = """
    select * from private.open_session(%(user)s, %(kid)s, 43200, 900, %(hash)s, null, null,
                                       identity_id => %(identity)s, provider => 'lab', provider_token => %(theirs)s,
                                       trust_seconds => %(trust)s)
"""
REFRESH = "select * from private.refresh_session(%s, sha256('nonce'), %s, %s, 900)"
CLAIM = "select * from private.claim_sso_check(%s)"
CONFIRM = "select private.confirm_sso_session(%s, %s, false, %s) as refusal"
Row = dict[str, Any]


@dataclass
class Session:
    """A session by a provider; `caller` is the same account's session by password."""

    caller: Caller
    identity: int
    row: Row
    token: str

    @property
    def hash(self) -> bytes:
        return refresh_tokens.hashed(self.token)


class Desk:
    """Plays the sidecar."""

    def __init__(self, sql: Sql, people: People) -> None:
        self.superuser = sql.superuser
        self.sidecar = sql.as_login("webmacs_sidecar")
        self._people = people

    def login(self, *, theirs: str | None = "refresh", trust: int = TRUST, role: str = "operator") -> Session:
        caller = self._people.user(role)
        identity = self.one(self.superuser, LINK, caller.id, f"subject {next(_numbers)}")["id"]
        return self.again(caller, identity, theirs, trust)

    def again(self, caller: Caller, identity: int, theirs: str | None = "refresh", trust: int = TRUST) -> Session:
        """Another one of the same person."""
        secret = refresh_tokens.fresh()
        values = {"user": caller.id, "kid": self._people.kid, "hash": refresh_tokens.hashed(secret)}
        row = self.one(self.sidecar, OPEN, values | {"identity": identity, "theirs": theirs, "trust": trust})
        return Session(caller, identity, row, secret)

    def refresh(self, session: Session) -> Row:
        successor = refresh_tokens.hashed(f"after {session.token}")
        return self.one(self.sidecar, REFRESH, session.hash, successor, self._people.kid)

    def claim(self, session: Session, by: Connection | None = None) -> Row | None:
        row = self.one(by or self.sidecar, CLAIM, session.hash)
        return row if row["credential_id"] else None

    def confirm(self, session: Session, role: str | None = None) -> str | None:
        refusal: str | None = self.one(self.sidecar, CONFIRM, self.number(session), role, TRUST)["refusal"]
        return refusal

    def asked_ago(self, session: Session, interval: str) -> None:
        self.change("update private.sso_sessions set asked_at = now() - %s::interval where credential_id = %s",
                    interval, self.number(session))  # fmt: skip

    def trusted_for(self, session: Session, interval: str) -> None:
        self.change("update private.sso_sessions set confirmed_until = now() + %s::interval where credential_id = %s",
                    interval, self.number(session))  # fmt: skip

    def change(self, statement: str, *values: object) -> None:
        self.superuser.execute(statement.encode(), values)

    def confirmed_until(self, session: Session) -> datetime:
        statement = "select confirmed_until from private.sso_sessions where credential_id = %s"
        until: datetime = self.one(self.superuser, statement, self.number(session))["confirmed_until"]
        return until

    def number(self, session: Session) -> int:
        row = self.one(self.superuser, "select id from private.credentials where jti = %s", session.row["jti"])
        number: int = row["id"]
        return number

    def counts(self, jti: object) -> bool:
        row = self.one(self.superuser, "select revoked_at from private.credentials where jti = %s", jti)
        return row["revoked_at"] is None

    @staticmethod
    def one(connection: Connection, statement: str, *values: Any) -> Row:
        with connection.cursor(row_factory=dict_row) as cursor:
            by_name = len(values) == 1 and isinstance(values[0], dict)
            row = cursor.execute(statement.encode(), values[0] if by_name else values).fetchone()
        assert row is not None
        return row


@pytest.fixture(scope="module")
def desk(sql: Sql, people: People) -> Desk:
    people.the("admin")
    return Desk(sql, people)


def lasts(row: Row, end: str = "session_expires_at") -> float:
    seconds: float = (row[end] - row["issued_at"]).total_seconds()
    return seconds


def test_without_a_way_to_ask_again_it_ends_with_the_trust(desk: Desk) -> None:
    assert lasts(desk.login(theirs=None).row) == TRUST
    assert lasts(desk.login(theirs=None, trust=86_400).row) == 43_200
    assert lasts(desk.login().row) == 43_200


def test_an_access_token_does_not_outlive_the_trust(desk: Desk) -> None:
    session = desk.login(trust=300)
    assert lasts(session.row, "expires_at") == 300
    refreshed = desk.refresh(session)
    assert refreshed["expires_at"] == desk.confirmed_until(session)


def test_the_provider_is_asked_once_a_minute(desk: Desk) -> None:
    session = desk.login()
    assert desk.claim(session) is None
    desk.asked_ago(session, "61 seconds")
    asked = desk.claim(session)
    assert asked is not None
    assert (asked["provider"], asked["refresh_token"]) == ("lab", "refresh")
    assert desk.claim(session) is None


def test_it_is_asked_again_after_the_clock_was_set_back(desk: Desk) -> None:
    session = desk.login()
    desk.asked_ago(session, "-1 day")
    assert desk.claim(session) is not None


def test_of_many_tabs_one_asks(desk: Desk, sql: Sql) -> None:
    session = desk.login()
    desk.asked_ago(session, "2 minutes")
    connections = [sql.as_login("webmacs_sidecar") for _ in range(6)]
    with ThreadPoolExecutor(len(connections)) as pool:
        claims = list(pool.map(lambda one: desk.claim(session, one), connections))
    assert len([claim for claim in claims if claim]) == 1


def test_one_that_began_sooner_and_comes_later_does_not_ask_again(desk: Desk, sql: Sql) -> None:
    session, late = desk.login(), sql.as_login("webmacs_sidecar")
    desk.asked_ago(session, "2 minutes")
    with late.transaction():
        late.execute("select now()")
        assert desk.claim(session) is not None
        assert desk.claim(session, late) is None


@pytest.mark.parametrize(
    "change",
    [
        "update private.credentials set revoked_at = now() where id = %s",
        "update private.credentials set expires_at = now() where id = %s",
        "update private.sso_sessions set refresh_token = null where credential_id = %s",
        "update private.refresh_tokens set used_at = now() - interval '11 seconds', nonce = 'x'"
        " where credential_id = %s",
    ],
)
def test_there_is_nothing_to_ask(desk: Desk, change: str) -> None:
    session = desk.login()
    desk.asked_ago(session, "2 minutes")
    desk.change(change, desk.number(session))
    assert desk.claim(session) is None


def test_a_session_by_password_asks_nobody(desk: Desk, people: People) -> None:
    secret = refresh_tokens.fresh()
    statement = "select * from private.open_session(%s, %s, 60, 60, %s, null, null)"
    hashed = refresh_tokens.hashed(secret)
    desk.one(desk.sidecar, statement, people.user().id, people.kid, hashed)
    assert desk.one(desk.sidecar, CLAIM, hashed)["credential_id"] is None


def test_what_was_said_too_long_ago_stops_the_session_until_it_is_said_again(desk: Desk) -> None:
    session = desk.login()
    desk.trusted_for(session, "0")
    with pytest.raises(psycopg.Error) as refused:
        desk.refresh(session)
    assert refused.value.sqlstate == "PT503"
    assert desk.confirm(session) is None
    assert lasts(desk.refresh(session), "expires_at") == 900


def test_the_account_follows_what_the_provider_says(desk: Desk) -> None:
    session = desk.login(role="operator")
    assert desk.confirm(session, "operator") is None
    assert desk.counts(session.row["jti"])
    assert desk.confirm(session, "viewer") is None
    assert not desk.counts(session.row["jti"])
    role = desk.one(desk.superuser, "select role::text from private.users where id = %s", session.caller.id)
    assert role == {"role": "viewer"}


def test_administrators_only_where_that_is_allowed(desk: Desk) -> None:
    assert desk.confirm(desk.login(), "admin") == "admin_not_allowed"
    assert desk.confirm(desk.login(role="admin")) == "admin_not_allowed"


def test_who_is_refused_is_out_and_the_log_says_what_goes_on(desk: Desk, people: People) -> None:
    session = desk.login()
    people.api_token(session.caller.name, "viewer")
    desk.sidecar.execute("select private.refuse_sso_session(%s, 'no groups')", (desk.number(session),))
    assert not desk.counts(session.row["jti"])
    assert desk.counts(session.caller.jti)
    written = desk.one(desk.superuser, "select message, source from private.log_entries order by id desc limit 1")
    assert written == {
        "message": f"A session of {session.caller.name} by lab was ended: no groups. "
        "Tokens for programs go on (1); disable the account to end them.",
        "source": "accounts",
    }


def test_what_ended_is_forgotten_with_its_token(desk: Desk) -> None:
    ended, open_one = desk.login(), desk.login()
    desk.change("update private.credentials set revoked_at = now() where id = %s", desk.number(ended))
    desk.sidecar.execute("select private.purge_sso()")
    kept = desk.superuser.execute("select credential_id from private.sso_sessions").fetchall()
    assert (desk.number(ended),) not in kept
    assert (desk.number(open_one),) in kept


# unlinking ---------------------------------------------------------------------


UNLINK = "delete from api.identities where id = %s"


def test_unlinking_ones_own_needs_a_password_that_remains(desk: Desk, sql: Sql) -> None:
    session = desk.login()
    person = sql.as_caller(session.caller)
    with pytest.raises(psycopg.Error, match="has no password") as refused:
        person.execute(UNLINK, (session.identity,))
    assert (refused.value.sqlstate, refused.value.diag.message_hint) == (
        "PT409",
        "Ask an administrator for a one-time secret, and set a password with it.",
    )
    assert desk.counts(session.row["jti"])
    desk.change("update private.users set password_hash = 'x' where id = %s", session.caller.id)
    assert person.execute(UNLINK, (session.identity,)).rowcount == 1


def test_unlinking_ends_the_sessions_that_came_by_it_and_no_others(desk: Desk, sql: Sql, people: People) -> None:
    session = desk.login()
    desk.change("update private.users set password_hash = 'x' where id = %s", session.caller.id)
    second = desk.again(session.caller, session.identity, theirs=None)
    other_identity = desk.one(desk.superuser, LINK, session.caller.id, f"subject {next(_numbers)}")["id"]
    by_other = desk.again(session.caller, other_identity)
    program = people.api_token(session.caller.name, "viewer")
    sql.as_caller(session.caller).execute(UNLINK, (session.identity,))
    ended = [desk.counts(jti) for jti in (session.row["jti"], second.row["jti"])]
    going_on = [desk.counts(jti) for jti in (by_other.row["jti"], session.caller.jti, program.jti)]
    assert ended == [False, False]
    assert going_on == [True, True, True]


def test_a_program_unlinks_nothing_of_its_user(desk: Desk, sql: Sql, people: People) -> None:
    session = desk.login()
    desk.change("update private.users set password_hash = 'x' where id = %s", session.caller.id)
    program = people.api_token(session.caller.name, "operator")
    with pytest.raises(psycopg.Error, match="A program cannot unlink") as refused:
        sql.as_caller(program).execute(UNLINK, (session.identity,))
    assert refused.value.sqlstate == "PT403"


def test_nobody_unlinks_another_but_an_administrator(desk: Desk, sql: Sql) -> None:
    session = desk.login()
    assert sql.as_role("operator").execute(UNLINK, (session.identity,)).rowcount == 0
    assert desk.counts(session.row["jti"])
    assert sql.as_role("admin").execute(UNLINK, (session.identity,)).rowcount == 1
    assert not desk.counts(session.row["jti"])


def test_an_administrator_does_not_lock_themselves_out(desk: Desk, sql: Sql) -> None:
    session = desk.login(role="admin")
    with pytest.raises(psycopg.Error, match="has no password"):
        sql.as_caller(session.caller).execute(UNLINK, (session.identity,))


def test_an_account_that_goes_takes_its_identities_along(desk: Desk, sql: Sql) -> None:
    session = desk.login(role="admin")
    admin = sql.as_caller(session.caller)
    assert admin.execute("delete from api.users where id = %s", (session.caller.id,)).rowcount == 1
    left = "select from private.identities where id = %s"
    assert desk.superuser.execute(left, (session.identity,)).fetchone() is None


def test_unlinking_and_the_end_of_its_sessions_are_audited(desk: Desk, sql: Sql) -> None:
    session = desk.login()
    sql.as_role("admin").execute(UNLINK, (session.identity,))
    statement = """
        select table_name, operation from private.audit_log
        where (table_name, row_id) in (('identities', %s::text), ('credentials', %s::text)) order by id desc limit 2
    """
    written = desk.superuser.execute(statement, (session.identity, desk.number(session))).fetchall()
    assert sorted(written) == [("credentials", "update"), ("identities", "delete")]


def test_a_code_on_its_way_does_not_survive_unlinking(desk: Desk, sql: Sql) -> None:
    session = desk.login()
    code = """
        insert into private.sso_codes (code_hash, browser_hash, identity_id, provider, expires_at)
        values (sha256('code'), sha256('browser'), %s, 'lab', now() + interval '1 minute')
    """
    desk.change(code, session.identity)
    sql.as_role("admin").execute(UNLINK, (session.identity,))
    take = "select user_id from private.take_sso_code(sha256('code'), sha256('browser'))"
    assert desk.one(desk.sidecar, take) == {"user_id": None}


def test_a_session_that_opens_while_its_identity_is_unlinked_ends(desk: Desk, sql: Sql) -> None:
    """The exchange of a code has not committed yet: unlinking waits for it, and finds its session."""
    session = desk.login()
    admin = sql.as_login("postgres")
    with ThreadPoolExecutor(1) as pool:
        with desk.sidecar.transaction():
            opened = desk.again(session.caller, session.identity)
            unlinking = pool.submit(admin.execute, UNLINK, (session.identity,))
            sql.until_blocked(admin)
        assert unlinking.result().rowcount == 1
    assert not desk.counts(opened.row["jti"])
