"""What must not let anybody in: replayed and foreign secrets, and a provider that lies or errs."""

import time
from typing import Any

import httpx
import pytest

from tests.sso.visitor import Visitor, query_of
from tests.support.identity_provider import DISCOVERY, TOKEN, USER_INFO, IdentityProvider
from tests.support.plain import PLAIN
from tests.support.sql import Sql

NOT_VALID = {"sso_error": "answer_not_valid"}
UNKNOWN = {"sso_error": "login_unknown"}
UNAVAILABLE = {"sso_error": "provider_unavailable"}


@pytest.fixture
def eve(provider: IdentityProvider) -> str:
    """A person whom the provider knows, and who would have a role."""
    provider.knows("eve", groups=["run"])
    return "eve"


def returning(visitor: Visitor, account: str) -> str:
    """The address at which a browser comes back, not yet followed."""
    return visitor.at_provider(visitor.begins().headers["Location"], account)


def with_query(address: str, **changes: str | None) -> str:
    """The same address with other parameters; None takes one away."""
    query = {**query_of(address), **changes}
    kept = {key: value for key, value in query.items() if value is not None}
    return str(httpx.URL(address).copy_with(params=kept))


def test_a_state_counts_once(visitor: Visitor, eve: str) -> None:
    address = returning(visitor, eve)
    assert "sso_code" in visitor.comes_back(address)
    assert visitor.comes_back(address) == UNKNOWN


def test_a_state_counts_once_however_the_login_ended(visitor: Visitor, eve: str) -> None:
    address = returning(visitor, eve)
    assert visitor.comes_back(with_query(address, code="wrong")) == {"sso_error": "provider_refused"}
    assert visitor.comes_back(address) == UNKNOWN


def test_a_state_is_of_one_browser(visitor: Visitor, eve: str) -> None:
    """Else somebody could be logged in as another without noticing."""
    address, other = returning(visitor, eve), Visitor(visitor.config)
    assert other.comes_back(address) == UNKNOWN
    other.begins()
    assert other.comes_back(address) == UNKNOWN
    assert "sso_code" in visitor.comes_back(address)


@pytest.mark.parametrize("state", [None, "", "a", "0" * 43, "\x00", "é"])
def test_a_state_that_was_never_given_is_unknown(visitor: Visitor, eve: str, state: str | None) -> None:
    assert visitor.comes_back(with_query(returning(visitor, eve), state=state)) == UNKNOWN


@pytest.mark.parametrize("cookie", ["", "a", "0" * 43, "0" * 44, "a b", "é"])
def test_a_browser_that_is_not_the_one_is_unknown(visitor: Visitor, eve: str, cookie: str) -> None:
    address = returning(visitor, eve)
    answer = httpx.get(address, headers={b"Cookie": f"webmacs_sso={cookie}".encode()}, **PLAIN)
    assert query_of(answer.headers["Location"]) == UNKNOWN


def test_a_state_expires(visitor: Visitor, eve: str, sql: Sql) -> None:
    address = returning(visitor, eve)
    sql.superuser.execute("update private.sso_logins set expires_at = now()")
    assert visitor.comes_back(address) == UNKNOWN


def test_a_code_of_the_provider_counts_once(visitor: Visitor, eve: str) -> None:
    used = query_of(returning(visitor, eve))["code"]
    address = returning(visitor, eve)
    fresh = query_of(address)["code"]
    assert "sso_code" in visitor.comes_back(address)
    for code in (fresh, used):  # used with another state than its own: PKCE and the provider refuse it
        address = with_query(returning(visitor, eve), code=code)
        assert visitor.comes_back(address) == {"sso_error": "provider_refused"}


def test_a_code_of_another_person_is_of_no_use(visitor: Visitor, provider: IdentityProvider, eve: str) -> None:
    """Eve makes a browser come back with her own code and a state that is its own."""
    provider.knows("victim", groups=["run"])
    stolen = query_of(returning(Visitor(visitor.config), "victim"))["code"]
    address = with_query(returning(visitor, eve), code=stolen)
    assert visitor.comes_back(address) == {"sso_error": "provider_refused"}


@pytest.mark.parametrize("issuer", ["https://other.example.org", ""])
def test_a_browser_comes_back_from_where_it_was_sent(visitor: Visitor, eve: str, issuer: str) -> None:
    assert visitor.comes_back(with_query(returning(visitor, eve), iss=issuer)) == NOT_VALID


def test_a_provider_that_names_itself_always_does(visitor: Visitor, eve: str) -> None:
    assert visitor.comes_back(with_query(returning(visitor, eve), iss=None)) == NOT_VALID


def test_what_a_provider_says_of_an_error_goes_nowhere(visitor: Visitor, eve: str) -> None:
    address = with_query(returning(visitor, eve), code=None, error="<script>", error_description="https://evil")
    assert visitor.comes_back(address) == {"sso_error": "provider_refused"}


def test_a_one_time_code_counts_once_and_for_its_browser(visitor: Visitor, eve: str) -> None:
    code = visitor.tries(eve)["sso_code"]
    other = Visitor(visitor.config)
    assert other.exchanges(code).json()["code"] == "wrong_code"
    other.begins()
    assert other.exchanges(code).json()["code"] == "wrong_code"
    assert visitor.exchanges(code).status_code == 200
    assert visitor.exchanges(code).status_code == 401


def test_a_one_time_code_expires(visitor: Visitor, eve: str, sql: Sql) -> None:
    code = visitor.tries(eve)["sso_code"]
    seconds = "select round(extract(epoch from max(expires_at) - now())) <= 60 from private.sso_codes"
    assert sql.superuser.execute(seconds).fetchone() == (True,)
    sql.superuser.execute("update private.sso_codes set expires_at = now()")
    assert visitor.exchanges(code).json()["code"] == "wrong_code"


@pytest.mark.parametrize("code", ["", "a", "' or true --", "\x00", "a" * 200])
def test_a_one_time_code_that_was_never_given_is_refused(visitor: Visitor, code: str) -> None:
    visitor.begins()
    assert visitor.exchanges(code).json()["code"] == "wrong_code"


@pytest.mark.parametrize("body", [{}, {"code": 1}, {"code": "a", "user": 1}, [], {"code": "a" * 201}])
def test_what_is_no_code_at_all_is_said(visitor: Visitor, body: object) -> None:
    answer = visitor.here.post(f"{visitor.url}/auth/sso/exchange", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


HOUR = 3600
FORGERIES: dict[str, dict[str, Any]] = {
    "by nobody": {"by": "nobody"},
    "by a stranger": {"by": "stranger"},
    "alg none": {"by": "none"},
    "alg None": {"by": "none", "header": {"alg": "None"}},
    "alg none without a kid": {"by": "none", "header": {"kid": None}},
    "with the client's secret": {"by": "secret"},
    "with the client's secret, no kid": {"by": "secret", "header": {"kid": None}},
    "with the public key as secret": {"by": "public"},
    "by a stranger with a key of its own": {
        "by": "stranger",
        "header": {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
    },
    "a key elsewhere": {"by": "stranger", "header": {"jku": "http://127.0.0.1:1/jwks", "kid": "elsewhere"}},
    "critical": {"header": {"crit": ["b64"], "b64": False}},
    "another issuer": {"claims": {"iss": "https://other.example.org"}},
    "an issuer with a slash more": {"claims": {"iss": "http://127.0.0.1/"}},
    "no issuer": {"claims": {"iss": None}},
    "another audience": {"claims": {"aud": "other"}},
    "another audience, but us as party": {"claims": {"aud": "other", "azp": "webmacs"}},
    "no audience": {"claims": {"aud": None}},
    "no audience in a list": {"claims": {"aud": []}},
    "several audiences, no party": {"claims": {"aud": ["webmacs", "other"]}},
    "another party": {"claims": {"aud": ["webmacs", "other"], "azp": "other"}},
    "expired": {"claims": {"exp": int(time.time()) - HOUR}},
    "no expiry": {"claims": {"exp": None}},
    "an expiry that is a text": {"claims": {"exp": "never"}},
    "not yet": {"claims": {"nbf": int(time.time()) + HOUR}},
    "of the future": {"claims": {"iat": int(time.time()) + HOUR}},
    "no time of issue": {"claims": {"iat": None}},
    "another nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"claims": {"nonce": None}},
    "a nonce that is a list": {"claims": {"nonce": ["another"]}},
    "no subject": {"claims": {"sub": None}},
    "an empty subject": {"claims": {"sub": ""}},
    "a long subject": {"claims": {"sub": "a" * 256}},
    "a subject with NUL": {"claims": {"sub": "a\x00b"}},
    "a subject that is a number": {"claims": {"sub": 5}},
    "another access token": {"claims": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_id_token_is_refused(visitor: Visitor, provider: IdentityProvider, eve: str, forgery: str) -> None:
    provider.forges(**FORGERIES[forgery])
    assert visitor.tries(eve) == NOT_VALID


def test_a_token_that_is_only_altered_as_it_may_be_is_taken(
    visitor: Visitor, provider: IdentityProvider, eve: str
) -> None:
    """The forgeries above are refused for what they say, and not for being made anew."""
    provider.forges(claims={"aud": ["webmacs", "other"], "azp": "webmacs", "exp": int(time.time()) - 5, "nbf": None})
    assert "sso_code" in visitor.tries(eve)


@pytest.mark.parametrize(
    "token", [None, "", "a.b", "a.b.c", 5, ["a"], "." * 1000, "a" * 200_000], ids=lambda t: str(t)[:9]
)
def test_what_is_no_id_token_is_refused(visitor: Visitor, provider: IdentityProvider, eve: str, token: object) -> None:
    provider.misbehaves(**{TOKEN: {"members": {"id_token": token}}})
    assert visitor.tries(eve) == NOT_VALID


def test_user_info_of_another_person_is_refused(visitor: Visitor, provider: IdentityProvider, eve: str) -> None:
    provider.misbehaves(**{USER_INFO: {"members": {"sub": "somebody else", "groups": ["run"]}}})
    assert visitor.tries(eve) == NOT_VALID


def test_what_is_signed_comes_before_what_is_not(visitor: Visitor, provider: IdentityProvider, eve: str) -> None:
    provider.misbehaves(
        **{
            TOKEN: {"token": {"claims": {"groups": ["watch"]}}},
            USER_INFO: {"members": {"groups": ["run"]}},
        }
    )
    assert visitor.me(visitor.logs_in(eve))["role"] == "viewer"


@pytest.mark.parametrize(
    ("path", "how"),
    [
        (TOKEN, {"status": 500}),
        (TOKEN, {"body": "no JSON"}),
        (TOKEN, {"body": "[]"}),
        (TOKEN, {"body": "[" * 100_000}),
        (TOKEN, {"body": "a" * 2_000_000}),
        (USER_INFO, {"status": 500}),
        (USER_INFO, {"body": "eyJhbGciOiJub25lIn0.e30."}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_answers_that_are_none_are_said(
    visitor: Visitor, provider: IdentityProvider, eve: str, path: str, how: dict[str, Any]
) -> None:
    provider.misbehaves(**{path: how})
    assert visitor.tries(eve) == UNAVAILABLE
    provider.misbehaves()
    assert "sso_code" in visitor.tries(eve)


def test_discovery_is_not_asked_for_at_each_login(visitor: Visitor, provider: IdentityProvider, eve: str) -> None:
    visitor.logs_in(eve)
    before = provider.asked(DISCOVERY)
    visitor.logs_in(eve)
    assert provider.asked(DISCOVERY) == before
