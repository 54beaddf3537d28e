"""A session by a provider goes on as long as the provider says so: it is asked when the session is refreshed."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.sso.visitor import Visitor
from tests.support.identity_provider import TOKEN, USER_INFO, IdentityProvider
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config
from webmacs.sso.confirmation import refresh_token_in

ENDED = "The identity provider says that this login counts no longer."
# What moves a whole session as if it had been asked so long ago.
LATER = """
    update private.sso_sessions s
    set asked_at = asked_at - %(for)s::interval, confirmed_until = confirmed_until - %(for)s::interval
    from private.credentials t join private.users u on u.id = t.user_id
    where t.id = s.credential_id and u.username = %(who)s
"""
Tokens = dict[str, Any]


class Account:
    """A person at the provider who is logged in here; the name is the same."""

    def __init__(self, name: str, visitor: Visitor, provider: IdentityProvider, sql: Sql) -> None:
        self.name, self.visitor = name, visitor
        self._provider, self._sql = provider, sql
        self.belongs_to("run")
        self.tokens: Tokens = visitor.begins_session(name)

    def belongs_to(self, *groups: str) -> None:
        self._provider.knows(self.name, preferred_username=self.name, groups=groups)

    def after(self, time: str, at: str | None = None) -> httpx.Response:
        """Goes on with the session after a while, at the visitor's sidecar or at another."""
        self._sql.superuser.execute(LATER, {"for": time, "who": self.name})
        answer = self.visitor.refreshes(self.tokens, at)
        self.tokens |= answer.json() if answer.is_success else {}
        return answer

    def is_in(self) -> bool:
        return self.visitor.me(self.tokens["access_token"]).get("username") == self.name


@pytest.fixture
def account(request: pytest.FixtureRequest, visitor: Visitor, provider: IdentityProvider, sql: Sql) -> Account:
    """An operator by a provider that can be asked again."""
    provider.gives_refresh_tokens()
    return Account(f"p{abs(hash(request.node.nodeid))}", visitor, provider, sql)


def test_it_goes_on_while_nothing_has_changed(account: Account, provider: IdentityProvider) -> None:
    for _ in range(5):  # each time with the next token of the provider, which takes none twice
        assert account.after("30 minutes").status_code == 200
    assert account.is_in()


def test_who_lost_the_groups_is_out(account: Account) -> None:
    account.belongs_to("else")
    assert account.is_in()
    answer = account.after("15 minutes")
    assert (answer.status_code, answer.json()["message"]) == (401, ENDED)
    assert not account.is_in()
    assert account.after("0").status_code == 401


def test_whom_the_provider_no_longer_knows_is_out(account: Account, provider: IdentityProvider) -> None:
    provider.forgets(account.name)
    assert account.after("15 minutes").json()["message"] == ENDED
    assert not account.is_in()


def test_who_has_another_role_logs_in_again(account: Account) -> None:
    account.belongs_to("watch")
    assert account.after("15 minutes").json()["message"] == "The role of this account has changed."
    assert not account.is_in()
    assert account.visitor.me(account.visitor.logs_in(account.name))["role"] == "viewer"


def test_a_wait_of_less_than_a_minute_asks_nothing(account: Account, provider: IdentityProvider) -> None:
    asked = provider.asked(TOKEN)
    assert account.after("50 seconds").status_code == 200
    assert provider.asked(TOKEN) == asked


def test_tabs_that_refresh_at_once_ask_once(account: Account, provider: IdentityProvider, sql: Sql) -> None:
    sql.superuser.execute(LATER, {"for": "20 minutes", "who": account.name})
    asked = provider.asked(TOKEN)
    with ThreadPoolExecutor(4) as tabs:
        answers = list(tabs.map(lambda _: account.visitor.refreshes(account.tokens), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert provider.asked(TOKEN) == asked + 1
    account.tokens |= answers[0].json()
    assert account.after("20 minutes").status_code == 200


TROUBLES: list[dict[str, Any]] = [
    {"silent": True},
    {TOKEN: {"status": 500}},
    {TOKEN: {"status": 400, "members": {"error": "invalid_client"}}},
    {TOKEN: {"status": 429, "members": {"error": "slow_down"}}},
    {TOKEN: {"body": "<html>"}},
    {TOKEN: {"token": {"by": "stranger"}}},
    {TOKEN: {"token": {"claims": {"sub": "another"}}}},
    {TOKEN: {"token": {"claims": {"aud": "another"}}}},
    {USER_INFO: {"status": 503}},
    {USER_INFO: {"members": {"sub": "another"}}},
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
def test_a_provider_that_says_nothing_ends_nothing_until_its_word_is_too_old(
    account: Account, provider: IdentityProvider, trouble: dict[str, Any]
) -> None:
    provider.misbehaves(**trouble)
    assert account.after("15 minutes").status_code == 200
    answer = account.after("1 hour")
    assert (answer.status_code, answer.json()["code"]) == (503, "PT503")
    assert "identity provider cannot be asked" in answer.json()["message"]
    assert answer.json()["hint"]


def test_a_provider_that_is_back_lets_them_go_on(account: Account, provider: IdentityProvider) -> None:
    provider.misbehaves(silent=True)
    assert account.after("2 hours").status_code == 503
    provider.misbehaves()
    assert account.after("1 minute").status_code == 200
    assert account.is_in()


def test_a_new_token_of_the_provider_is_kept_even_if_nothing_else_was_answered(
    account: Account, provider: IdentityProvider
) -> None:
    provider.misbehaves(**{USER_INFO: {"status": 500}})
    assert account.after("15 minutes").status_code == 200
    provider.misbehaves()
    assert account.after("15 minutes").status_code == 200
    assert account.after("50 minutes").status_code == 200


def test_a_provider_without_refresh_tokens_is_come_by_again(
    visitor: Visitor, provider: IdentityProvider, sql: Sql
) -> None:
    short = Account("short", visitor, provider, sql)
    (left,) = sql.superuser.execute(
        "select extract(epoch from max(t.expires_at) - now()) from private.credentials t"
        " join private.users u on u.id = t.user_id where u.username = 'short'"
    ).fetchone() or (None,)
    assert 3590 < left <= 3600
    asked = provider.asked(TOKEN)
    assert short.after("20 minutes").status_code == 200
    assert provider.asked(TOKEN) == asked


def test_a_provider_that_is_configured_no_longer_confirms_nobody(account: Account, config: Config) -> None:
    others = tuple(entry for entry in config.sso if entry.name != "lab")
    without = replace(config, sso=others, server=replace(config.server, port=free_port()))
    with running_sidecar(without) as url:
        answer = account.after("15 minutes", at=url)
    assert (answer.status_code, answer.json()["message"]) == (401, ENDED)
    assert not account.is_in()


@pytest.mark.parametrize(
    ("said", "client_secret", "kept"),
    [
        ("token", "secret", "token"),
        ("token", "", None),  # a public client's is good for whoever reads it in a backup
        (None, "secret", None),
        (["token"], "secret", None),
        ("nul\0", "secret", None),
        ("x" * 16_385, "secret", None),
    ],
)
def test_which_tokens_of_the_provider_are_kept(
    said: object, client_secret: str, kept: str | None, config: Config
) -> None:
    settings = replace(config.sso[0], client_secret=client_secret)
    assert refresh_token_in({"refresh_token": said}, settings) == kept


def test_the_log_says_why_and_no_token(
    account: Account, provider: IdentityProvider, sql: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    kept = "select refresh_token from private.sso_sessions order by credential_id desc limit 1"
    (theirs,) = sql.superuser.execute(kept).fetchone() or ("",)
    account.belongs_to("else")
    with caplog.at_level(logging.DEBUG, "webmacs"):
        account.after("15 minutes")
    assert "a session by lab was not confirmed: nothing in groups gives a role" in caplog.text
    assert theirs not in caplog.text
    entry = sql.superuser.execute("select message from private.log_entries order by id desc limit 1").fetchone()
    assert entry == (f"A session of {account.name} by lab was ended: nothing in groups gives a role.",)
