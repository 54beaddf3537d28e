"""Logging in by a real provider: there, back, and what an account gets from it."""

from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlsplit

import httpx
import pytest

from tests.sso.visitor import Visitor, query_of
from tests.support.identity_provider import IdentityProvider
from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config


def test_a_person_logs_in_and_has_an_account(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows(
        "grace", preferred_username="grace.hopper", email="g@example.org", email_verified=True, groups=["run"]
    )
    me = visitor.me(visitor.logs_in("grace"))
    assert (me["username"], me["email"], me["role"], me["kind"]) == (
        "grace.hopper",
        "g@example.org",
        "operator",
        "session",
    )
    assert Visitor(visitor.config).me(Visitor(visitor.config).logs_in("grace"))["public_id"] == me["public_id"]


def test_the_buttons_are_told_in_the_order_of_the_configuration(visitor: Visitor) -> None:
    told = visitor.here.get(f"{visitor.url}/auth/sso/config").json()["providers"]
    assert [one["name"] for one in told][:2] == ["lab", "closed"]
    assert told[0] == {
        "name": "lab",
        "label": "The lab account",
        "authorize_url": f"{visitor.url}/auth/sso/authorize?provider=lab",
    }


def test_the_provider_is_asked_with_pkce_state_and_nonce(visitor: Visitor, sql: Sql) -> None:
    asked = query_of(visitor.begins().headers["Location"])
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert asked["scope"] == "openid email profile"
    row = sql.superuser.execute(
        "select verifier, nonce_hash from private.sso_logins where state_hash = sha256(%s::text::bytea)",
        (asked["state"],),
    ).fetchone()
    assert row is not None
    assert row[0] not in asked.values()
    assert sha256(asked["nonce"].encode()).digest() == row[1]


def test_each_login_has_secrets_of_its_own(visitor: Visitor) -> None:
    first, second = (query_of(visitor.begins().headers["Location"]) for _ in range(2))
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
        assert len(first[name]) == 43


def test_two_tabs_of_one_browser_log_in_beside_each_other(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("tabs", groups=["watch"])
    first, second = (visitor.begins().headers["Location"] for _ in range(2))
    for address in (second, first):
        assert "sso_code" in visitor.comes_back(visitor.at_provider(address, "tabs"))


def test_nothing_secret_is_kept_in_clear(visitor: Visitor, provider: IdentityProvider, sql: Sql) -> None:
    provider.knows("clear", groups=["watch"])
    asked = query_of(visitor.begins().headers["Location"])
    code = visitor.tries("clear")["sso_code"]
    rows = sql.superuser.execute(
        "select l::text from private.sso_logins l union all select c::text from private.sso_codes c"
    )
    kept = " ".join(text for (text,) in rows)
    for secret in (asked["state"], asked["nonce"], code, next(iter(visitor.here.cookies.values()))):
        assert secret not in kept


def test_the_cookie_is_for_this_browser_alone(visitor: Visitor) -> None:
    cookie = visitor.begins().headers["Set-Cookie"]
    assert cookie.startswith("webmacs_sso=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # the page has no TLS here, so no browser would keep it
    assert "Domain" not in cookie


def test_where_one_wanted_to_go_is_told_in_the_end(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("goes", groups=["watch"])
    assert visitor.tries("goes", next="/events/1?range=900#a")["next"] == "/events/1?range=900#a"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example.org",
        "//evil.example.org",
        "/\\evil.example.org",
        "\\/evil",
        "/\t/evil.example.org",
        "/\n/evil",
        "/ /evil",
        "/a\\b",
        "javascript:alert(1)",
        "events",
        "",
        "/" + "a" * 1000,
        "/\x00",
    ],
)
def test_next_is_a_path_of_the_page(visitor: Visitor, path: str) -> None:
    answer = visitor.begins(next=path)
    assert answer.status_code == 422
    assert "next" in answer.json()["message"]
    assert "Set-Cookie" not in answer.headers


def test_a_provider_that_is_not_there_is_not_found(visitor: Visitor) -> None:
    assert visitor.begins("nobody").json()["code"] == "unknown_provider"


@pytest.mark.parametrize(
    ("groups", "role"), [(["watch", "run", "else"], "operator"), (["watch"], "viewer"), ("run", "operator")]
)
def test_the_highest_group_counts(visitor: Visitor, provider: IdentityProvider, groups: object, role: str) -> None:
    account = f"member of {groups}"
    provider.knows(account, groups=groups)
    assert visitor.me(visitor.logs_in(account))["role"] == role


@pytest.mark.parametrize("groups", [[], ["else"], None, {"run": True}, 5, [["run"]]])
def test_who_has_no_role_is_refused_or_gets_the_default(
    visitor: Visitor, provider: IdentityProvider, groups: object
) -> None:
    account = f"stranger of {groups}"
    provider.knows(account, groups=groups)
    assert visitor.tries(account) == {"sso_error": "no_role"}
    assert visitor.me(visitor.logs_in(account, "defaulting"))["role"] == "viewer"


def test_the_role_follows_the_groups_at_each_login(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("moves", groups=["run"])
    before = visitor.logs_in("moves")
    provider.knows("moves", groups=["watch"])
    assert visitor.me(visitor.logs_in("moves"))["role"] == "viewer"
    assert visitor.me(before)["code"] == "unauthorized"


def test_who_loses_all_groups_gets_in_no_more(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("leaves", groups=["run"])
    visitor.logs_in("leaves")
    provider.knows("leaves", groups=[])
    assert visitor.tries("leaves") == {"sso_error": "no_role"}


def test_a_first_login_without_permission_is_refused(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("first", groups=["run"])
    assert visitor.tries("first", "closed") == {"sso_error": "no_account"}


def test_an_administrator_only_by_a_provider_that_may(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("chief", groups=["root"])
    assert visitor.me(visitor.logs_in("chief", "trusted"))["role"] == "admin"
    assert visitor.tries("chief", "closed") == {"sso_error": "admin_not_allowed"}


def test_an_account_is_linked_by_a_verified_address(
    visitor: Visitor, provider: IdentityProvider, people: People, sql: Sql
) -> None:
    known = people.user("operator")
    sql.superuser.execute("update private.users set email = 'known@example.org' where id = %s", (known.id,))
    provider.knows("known", email="Known@example.org", email_verified=False, groups=["run"])
    assert visitor.tries("known", "linking") == {"sso_error": "no_account"}
    provider.knows("known", email="Known@example.org", email_verified=True, groups=["run"])
    assert visitor.tries("known") == {"sso_error": "account_exists"}
    assert visitor.me(visitor.logs_in("known", "linking"))["public_id"] == str(known.public_id)


def test_an_administrator_is_never_linked(
    visitor: Visitor, provider: IdentityProvider, people: People, sql: Sql
) -> None:
    admin = people.user("admin")
    sql.superuser.execute("update private.users set email = 'admin@example.org' where id = %s", (admin.id,))
    provider.knows("admin", email="admin@example.org", email_verified=True, groups=["root"])
    assert visitor.tries("admin", "trusted") == {"sso_error": "admin_not_linked"}


@pytest.mark.parametrize("verified", [False, None, "yes", 1, "false"])
def test_an_address_that_is_not_verified_is_not_kept(
    visitor: Visitor, provider: IdentityProvider, verified: object
) -> None:
    account = f"unverified {verified}"
    provider.knows(account, email="victim@example.org", email_verified=verified, groups=["run"])
    assert visitor.me(visitor.logs_in(account))["email"] is None


def test_who_is_disabled_is_refused_at_each_step(visitor: Visitor, provider: IdentityProvider, sql: Sql) -> None:
    provider.knows("gone", preferred_username="gone", groups=["run"])
    visitor.logs_in("gone")
    code = visitor.tries("gone")["sso_code"]
    sql.superuser.execute("update private.users set state = 'disabled' where username = 'gone'")
    assert visitor.exchanges(code).json()["code"] == "account_disabled"
    assert visitor.tries("gone") == {"sso_error": "account_disabled"}


def test_refusals_are_failed_logins(visitor: Visitor, provider: IdentityProvider, people: People, sql: Sql) -> None:
    query = "select user_id, host(address), agent, reason from private.login_failures order by id desc limit 1"
    known = people.user("operator")
    sql.superuser.execute("update private.users set email = 'fails@example.org' where id = %s", (known.id,))
    agent = visitor.here.headers["User-Agent"] = "A browser that fails"
    provider.knows("fails", email="fails@example.org", email_verified=True, groups=["run"])
    visitor.tries("fails")
    assert sql.superuser.execute(query).fetchone() == (known.id, "127.0.0.1", agent, "sso_refused")
    visitor.logs_in("fails", "linking")
    sql.superuser.execute("update private.users set state = 'disabled' where id = %s", (known.id,))
    visitor.tries("fails")
    last = sql.superuser.execute(query).fetchone()
    assert last == (known.id, "127.0.0.1", agent, "disabled")
    visitor.begins("down")
    visitor.comes_back(f"{visitor.url}/auth/sso/callback?state=made-up&code=x")
    assert sql.superuser.execute(query).fetchone() == last
    provider.knows("nobody", groups=[])
    visitor.there.cookies.clear()
    visitor.tries("nobody")
    assert sql.superuser.execute(query).fetchone() == (None, "127.0.0.1", agent, "sso_refused")


def test_who_changes_their_mind_is_told_so(visitor: Visitor) -> None:
    assert visitor.tries(None, next="/events") == {"sso_error": "access_denied", "next": "/events"}


def test_the_exchange_keeps_the_refresh_token_in_the_browser(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("keeps", groups=["run"])
    visitor.here.headers["Origin"] = visitor.url
    answer = visitor.exchanges(visitor.tries("keeps")["sso_code"], cookie=True)
    assert answer.json()["refresh_token"] is None
    assert "webmacs_refresh" in answer.headers["Set-Cookie"]


def test_a_page_of_another_origin_gets_no_session(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("elsewhere", groups=["run"])
    visitor.here.headers["Origin"] = "http://127.0.0.1:1"
    answer = visitor.exchanges(visitor.tries("elsewhere")["sso_code"], cookie=True)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


def test_no_token_is_ever_in_an_address(visitor: Visitor, provider: IdentityProvider) -> None:
    provider.knows("address", groups=["run"])
    told = visitor.tries("address")
    assert told.keys() == {"sso_code"}
    assert "." not in told["sso_code"]


def test_a_browser_without_javascript_sees_no_error(visitor: Visitor) -> None:
    answer = visitor.here.get(f"{visitor.url}/auth/sso/callback")
    assert urlsplit(answer.headers["Location"]).path == "/sign-in"


def test_answers_are_kept_nowhere(visitor: Visitor) -> None:
    for answer in (visitor.begins(), httpx.get(f"{visitor.url}/auth/sso/callback?state=a", **PLAIN)):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_with_tls_the_cookie_is_one_that_only_this_host_can_set(config: Config, sidecar: str) -> None:
    public = replace(config.server, public_url="https://lab.example.org", port=free_port())
    with running_sidecar(replace(config, server=public)) as url:
        answer = httpx.get(f"{url}/auth/sso/authorize?provider=lab", **PLAIN)
        buttons = httpx.get(f"{url}/auth/sso/config", **PLAIN).json()["providers"]
    name, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-webmacs_sso=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(attributes)
    assert "Domain" not in answer.headers["Set-Cookie"]
    asked = query_of(answer.headers["Location"])
    assert asked["redirect_uri"] == "https://lab.example.org/auth/sso/callback"
    assert buttons[0]["authorize_url"] == "https://lab.example.org/auth/sso/authorize?provider=lab"
