"""Many at the same moment: what counts once counts once, and one person is one account."""

from concurrent.futures import ThreadPoolExecutor

from tests.sso.visitor import Visitor
from tests.support.identity_provider import IdentityProvider
from tests.support.sql import Sql

MANY = 6


def test_a_one_time_code_is_exchanged_once(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("once", groups=["run"])
    code = visitor.tries("once")["sso_code"]
    with ThreadPoolExecutor(MANY) as threads:
        answers = list(threads.map(lambda _: visitor.exchanges(code).status_code, range(MANY)))
    assert sorted(answers) == [200] + [401] * (MANY - 1)


def test_a_state_is_taken_once(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("state", groups=["run"])
    address = visitor.at_provider(visitor.begins().headers["Location"], "state")
    with ThreadPoolExecutor(MANY) as threads:
        told = list(threads.map(lambda _: visitor.comes_back(address), range(MANY)))
    assert sum("sso_code" in one for one in told) == 1
    assert sum(one == {"sso_error": "login_unknown"} for one in told) == MANY - 1


def test_first_logins_of_one_person_are_one_account(visitor: Visitor, provider: IdentityProvider, sql: Sql) -> None:
    provider.knows("new", preferred_username="new.one", email="n@example.org", email_verified=True, groups=["run"])
    with ThreadPoolExecutor(MANY) as threads:
        told = list(threads.map(lambda _: Visitor(visitor.config).tries("new"), range(MANY)))
    assert all("sso_code" in one for one in told), told
    count = "select count(*) from private.users where username like 'new.one%'"
    assert sql.superuser.execute(count).fetchone() == (1,)


def test_a_name_that_many_want_is_given_to_one(visitor: Visitor, provider: IdentityProvider, sql: Sql) -> None:
    for number in range(MANY):
        provider.knows(f"wants {number}", preferred_username="wanted", groups=["run"])
    with ThreadPoolExecutor(MANY) as threads:
        told = list(threads.map(lambda n: Visitor(visitor.config).tries(f"wants {n}"), range(MANY)))
    assert all("sso_code" in one for one in told), told
    count = "select count(distinct username) from private.users where username like 'wanted%'"
    assert sql.superuser.execute(count).fetchone() == (MANY,)
