"""Which account a person at a provider is, and the secrets that are used once."""

import itertools
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

import pytest

from tests.support.people import Caller, People
from tests.support.sql import Sql

ISSUER = "https://id.example.org"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Login:
    """What the sidecar says of a person whom a provider has recognised, and of the settings."""

    subject: str = ""
    email: str | None = None
    username: str = "somebody"
    role: str | None = "viewer"
    default_role: str | None = None
    create_users: bool = False
    link_by_email: bool = False
    allow_admin: bool = False


CALL = """
    select user_id, refusal
      from private.log_in_by_sso(%(issuer)s, %(subject)s, %(email)s, %(username)s, %(role)s, %(default_role)s,
                                 %(create_users)s, %(link_by_email)s, %(allow_admin)s, 'lab', 'token',
                                 %(code)s, %(browser)s, 60)
"""
TAKE_CODE = "select user_id, provider, refresh_token from private.take_sso_code(%s, %s)"
Answer = tuple[int | None, str | None]
LogIn = Callable[..., Answer]


def digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


@pytest.fixture
def log_in(sql: Sql) -> LogIn:
    """Logs somebody in as the sidecar does; the person is another in each test unless `subject` says who."""
    sidecar = sql.as_login("webmacs_sidecar")
    stranger = f"subject {next(_numbers)}"

    def call(**said: Any) -> Answer:
        login = Login(**{"subject": stranger, **said})
        code = digest(f"code {next(_numbers)}")
        more = {"issuer": ISSUER, "code": code, "browser": digest("browser")}
        row = sidecar.execute(CALL, asdict(login) | more).fetchone()
        assert row is not None
        taken = sidecar.execute(TAKE_CODE, (code, digest("browser"))).fetchone()
        # a code is made for who may log in, and for nobody else
        assert taken == ((row[0], "lab", "token") if row[1] is None else (None, None, None))
        return row

    return call


@pytest.fixture
def known(people: People, sql: Sql) -> Caller:
    """An operator with an address that an administrator has entered."""
    return _with_email(sql, people.user("operator"))


def _with_email(sql: Sql, caller: Caller) -> Caller:
    statement = "update private.users set email = %s where id = %s"
    sql.superuser.execute(statement, (f"{caller.name}@Example.org", caller.id))
    return caller


def _account(sql: Sql, number: int | None) -> tuple[Any, ...]:
    statement = "select username, email, email_confirmed, role::text, state::text from private.users where id = %s"
    row = sql.superuser.execute(statement, (number,)).fetchone()
    assert row is not None
    return row


def test_a_stranger_has_no_account_unless_accounts_are_made(log_in: LogIn) -> None:
    assert log_in() == (None, "no_account")


def test_an_account_is_made_once(log_in: LogIn, sql: Sql) -> None:
    first = log_in(username="grace", email="grace@example.org", role="operator", create_users=True)
    assert _account(sql, first[0]) == ("grace", "grace@example.org", True, "operator", "active")
    assert log_in(username="other", role="operator") == first


def test_a_name_that_is_taken_gets_a_number(log_in: LogIn, sql: Sql) -> None:
    names = []
    for subject in "abc":
        number, _ = log_in(subject=f"numbered {subject}", username="Linus", create_users=True)
        names.append(_account(sql, number)[0])
    assert names == ["Linus", "Linus-2", "Linus-3"]


def test_what_the_provider_says_of_no_role_is_the_default_for_new_accounts_alone(log_in: LogIn, sql: Sql) -> None:
    number, _ = log_in(role=None, default_role="viewer", create_users=True)
    assert _account(sql, number)[3] == "viewer"
    sql.superuser.execute("update private.users set role = 'operator' where id = %s", (number,))
    assert log_in(role=None, default_role="viewer") == (number, None)
    assert _account(sql, number)[3] == "operator"


def test_the_role_follows_the_provider_at_each_login(log_in: LogIn, sql: Sql) -> None:
    number, _ = log_in(role="operator", create_users=True)
    assert log_in(role="viewer") == (number, None)
    assert _account(sql, number)[3] == "viewer"


def test_an_administrator_is_made_only_where_it_is_said(log_in: LogIn, sql: Sql) -> None:
    assert log_in(role="admin", create_users=True) == (None, "admin_not_allowed")
    number, refusal = log_in(role="admin", create_users=True, allow_admin=True)
    assert (_account(sql, number)[3], refusal) == ("admin", None)
    assert log_in(role="viewer") == (number, "admin_not_allowed")
    assert _account(sql, number)[3] == "admin"


def test_the_last_administrator_stays_one(log_in: LogIn, sql: Sql) -> None:
    number, _ = log_in(role="admin", create_users=True, allow_admin=True)
    with sql.superuser.transaction(force_rollback=True):
        sql.superuser.execute(
            "update private.users set state = 'disabled' where role = 'admin' and id <> %s", (number,)
        )
        sql.superuser.execute(
            "insert into private.identities (user_id, issuer, subject) values (%s, %s, 'last')", (number, ISSUER)
        )
        said = asdict(Login(subject="last", allow_admin=True))
        more = {"issuer": ISSUER, "code": digest("last"), "browser": digest("browser")}
        assert sql.superuser.execute(CALL, said | more).fetchone() == (number, "last_admin")


def test_an_account_is_linked_by_its_address_where_it_is_said(log_in: LogIn, known: Caller) -> None:
    email = f"{known.name}@example.ORG"
    assert log_in(email=email) == (known.id, "account_exists")
    assert log_in(email=email, create_users=True) == (known.id, "account_exists")
    assert log_in(email=email, role="operator", link_by_email=True) == (known.id, None)
    assert log_in(role="operator") == (known.id, None)


def test_an_administrator_is_never_linked_by_an_address(log_in: LogIn, people: People, sql: Sql) -> None:
    admin = _with_email(sql, people.user("admin"))
    said = {"email": f"{admin.name}@example.org", "link_by_email": True, "allow_admin": True, "role": "admin"}
    assert log_in(**said) == (admin.id, "admin_not_linked")


def test_an_address_that_its_user_entered_links_nobody(log_in: LogIn, people: People, sql: Sql) -> None:
    """Else who enters a colleague's address would get the colleague's role at the colleague's first login."""
    mallory = people.user("viewer")
    sql.as_caller(mallory).execute("update api.users set email = 'bob@example.org'")
    assert log_in(email="bob@example.org", role="operator", link_by_email=True) == (mallory.id, "account_exists")
    admin = sql.as_role("admin")
    admin.execute("update api.users set email = 'bob@example.org' where id = %s", (mallory.id,))
    assert log_in(email="bob@example.org", role="operator", link_by_email=True) == (mallory.id, None)


def test_an_address_that_was_registered_links_nobody(log_in: LogIn, sql: Sql) -> None:
    sql.as_login("webmacs_sidecar").execute("select private.register('eve', 'carol@example.org', 'hash')")
    sql.as_role("admin").execute("update api.users set state = 'active' where username = 'eve'")
    assert log_in(email="carol@example.org", link_by_email=True)[1] == "account_exists"


def test_a_confirmed_address_that_its_user_changes_is_no_longer_confirmed(known: Caller, sql: Sql) -> None:
    sql.as_caller(known).execute("update api.users set email = email")
    assert _account(sql, known.id)[2] is True
    sql.as_caller(known).execute("update api.users set email = 'elsewhere@example.org'")
    assert _account(sql, known.id)[2] is False


@pytest.mark.parametrize("state", ["disabled", "pending"])
def test_who_is_not_active_is_refused_linked_or_not(log_in: LogIn, known: Caller, sql: Sql, state: str) -> None:
    email = f"{known.name}@example.org"
    change = "update private.users set state = %s where id = %s"
    sql.superuser.execute(change, (state, known.id))
    assert log_in(email=email, link_by_email=True) == (known.id, f"account_{state}")
    sql.superuser.execute(change, ("active", known.id))
    assert log_in(email=email, role="operator", link_by_email=True) == (known.id, None)
    sql.superuser.execute(change, (state, known.id))
    assert log_in(role="operator") == (known.id, f"account_{state}")


def test_the_same_subject_of_another_issuer_is_another_person(log_in: LogIn, sql: Sql) -> None:
    number, _ = log_in(subject="same", create_users=True)
    sql.superuser.execute("update private.identities set issuer = 'https://other' where user_id = %s", (number,))
    assert log_in(subject="same") == (None, "no_account")


def test_linking_is_in_the_audit_log_and_secrets_are_not(log_in: LogIn, sql: Sql) -> None:
    number, _ = log_in(create_users=True)
    statement = (
        "select new ->> 'subject' from private.audit_log where table_name = 'identities' and new ->> 'user_id' = %s"
    )
    assert sql.superuser.execute(statement, (str(number),)).fetchone() is not None
    assert sql.superuser.execute("select from private.audit_log where table_name like 'sso%'").fetchall() == []


BEGIN = "select private.begin_sso_login('lab', %s, %s, %s, 'verifier', '/events', %s)"
TAKE = "select provider, nonce_hash, verifier, next from private.take_sso_login(%s, %s)"
NOTHING = (None, None, None, None)


def test_a_login_under_way_is_taken_once_and_by_its_browser(sql: Sql) -> None:
    sidecar = sql.as_login("webmacs_sidecar")
    sidecar.execute(BEGIN, (digest("state"), digest("mine"), digest("nonce"), 60))
    assert sidecar.execute(TAKE, (digest("state"), digest("other"))).fetchone() == NOTHING
    taken = sidecar.execute(TAKE, (digest("state"), digest("mine"))).fetchone()
    assert taken == ("lab", digest("nonce"), "verifier", "/events")
    assert sidecar.execute(TAKE, (digest("state"), digest("mine"))).fetchone() == NOTHING


def test_what_has_expired_is_not_taken_and_the_next_login_removes_it(sql: Sql) -> None:
    sidecar = sql.as_login("webmacs_sidecar")
    for state in ("late", "forgotten"):
        sidecar.execute(BEGIN, (digest(state), digest("mine"), digest("nonce"), 0))
    assert sidecar.execute(TAKE, (digest("late"), digest("mine"))).fetchone() == NOTHING
    sidecar.execute(BEGIN, (digest("next"), digest("mine"), digest("nonce"), 60))
    states = sql.superuser.execute("select state_hash from private.sso_logins").fetchall()
    assert states == [(digest("next"),)]


def test_a_flood_of_logins_pushes_out_the_oldest(sql: Sql) -> None:
    sidecar = sql.as_login("webmacs_sidecar")
    restart = "alter table private.sso_logins alter id restart with {}"
    sql.superuser.execute(restart.format(20_000).encode())
    for number in range(3):
        sidecar.execute(BEGIN, (digest(f"old {number}"), digest("mine"), digest("nonce"), 60))
    sql.superuser.execute(restart.format(30_001).encode())
    sidecar.execute(BEGIN, (digest("new"), digest("mine"), digest("nonce"), 60))
    sidecar.execute("select private.purge_sso()")
    kept = sql.superuser.execute("select id from private.sso_logins where id >= 20000 order by id").fetchall()
    assert kept == [(20_002,), (30_001,)]


def test_a_code_is_of_its_browser_and_expires(people: People, sql: Sql) -> None:
    sidecar = sql.as_login("webmacs_sidecar")
    user = people.the("viewer").id
    linked = "insert into private.identities (user_id, issuer, subject) values (%s, %s, 'coded') returning id"
    identity = sql.superuser.execute(linked, (user, ISSUER)).fetchone()
    insert = """
        insert into private.sso_codes (code_hash, browser_hash, identity_id, provider, expires_at)
        values (%s, %s, %s, 'lab', now() + %s::interval)
    """
    for name, life in (("good", "1 min"), ("late", "0")):
        sql.superuser.execute(insert, (digest(name), digest("mine"), *(identity or ()), life))
    nothing = (None, None, None)
    assert sidecar.execute(TAKE_CODE, (digest("good"), digest("other"))).fetchone() == nothing
    assert sidecar.execute(TAKE_CODE, (digest("late"), digest("mine"))).fetchone() == nothing
    assert sidecar.execute(TAKE_CODE, (digest("good"), digest("mine"))).fetchone() == (user, "lab", None)
    assert sidecar.execute(TAKE_CODE, (digest("good"), digest("mine"))).fetchone() == nothing
