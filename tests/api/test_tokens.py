"""Which tokens are refused, although their role may do what they ask: at once, and with the verification cache on."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql
from webmacs.accounts.keys import KeySet


def _status(api: Api, token: str) -> int:
    return api.with_token(token).get("/events").status_code


def _forge(keys: KeySet, claims: dict[str, Any]) -> str:
    """A token that our own key signs, whatever it says."""
    return jwt.encode(claims, keys.current.private, "RS256", headers={"kid": keys.current.kid})


# What happens to a token that was accepted a moment ago.

END_OF: dict[str, str] = {
    "revoked": "update private.credentials set revoked_at = now() where jti = %(jti)s",
    "expired": "update private.credentials set created_at = '-infinity', expires_at = now() where jti = %(jti)s",
    "deleted": "delete from private.credentials where jti = %(jti)s",
    "user disabled": "update private.users set state = 'disabled' where id = %(id)s",
    "user pending": "update private.users set state = 'pending' where id = %(id)s",
    "user deleted": "delete from private.users where id = %(id)s",
    "role raised": "update private.users set role = 'operator' where id = %(id)s",
    "other issuer": "update private.settings set issuer = 'elsewhere'",
    "other audience": "update private.settings set audience = 'elsewhere'",
    "key retired": "update private.signing_keys set retired_at = now()",
}
UNDO = (
    "update private.settings set issuer = 'webmacs', audience = 'webmacs'",
    "update private.signing_keys set retired_at = null",
)


@pytest.mark.parametrize("end", END_OF)
def test_refused_on_the_next_request(end: str, api: Api, people: People, sql: Sql) -> None:
    caller = people.user("viewer")
    assert _status(api, caller.token) == 200
    sql.superuser.execute(END_OF[end].encode(), {"jti": caller.jti, "id": caller.id})
    answer = api.as_caller(caller).get("/events")
    for statement in UNDO:
        sql.superuser.execute(statement.encode())
    assert answer.status_code == 401
    assert answer.json().keys() == {"code", "message", "details", "hint"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/"), ("HEAD", "/events"), ("POST", "/log_entries"), ("POST", "/rpc/ingest"), ("PATCH", "/experiments")],
)
def test_refused_whatever_is_asked(method: str, path: str, api: Api, people: People, sql: Sql) -> None:
    caller = people.user("operator")
    assert api.as_caller(caller).get("/events").status_code == 200
    sql.superuser.execute("select private.revoke(%s)", (caller.jti,))
    body: object = None if method in ("GET", "HEAD") else {}
    assert api.as_caller(caller).request(method, path, json=body).status_code == 401


def test_revoking_oneself(api: Api, people: People) -> None:
    caller = people.user("viewer")
    assert api.as_caller(caller).post("/rpc/revoke", json={"jti": str(caller.jti)}).status_code == 204
    assert api.as_caller(caller).post("/rpc/revoke", json={"jti": str(caller.jti)}).status_code == 401


def test_another_session_of_the_same_user_goes_on(api: Api, people: People) -> None:
    first = people.user("viewer")
    second = people.session(first.name)
    assert api.as_caller(first).post("/rpc/revoke", json={"jti": str(second.jti)}).status_code == 204
    assert (_status(api, first.token), _status(api, second.token)) == (200, 401)


def test_disabled_controller(api: Api, people: People, sql: Sql) -> None:
    controller = people.controller()
    assert _status(api, controller.token) == 200
    sql.superuser.execute("update private.controllers set enabled = false where id = %s", (controller.id,))
    assert _status(api, controller.token) == 401


def test_an_api_token_lasts_while_its_role_is_within_the_users(api: Api, people: People, sql: Sql) -> None:
    people.the("admin")  # remains
    admin = people.user("admin")
    token = people.api_token(admin.name, "operator").token
    statuses = []
    for role in ("admin", "operator", "viewer"):
        sql.superuser.execute("update private.users set role = %s where id = %s", (role, admin.id))
        statuses.append(_status(api, token))
    assert statuses == [200, 200, 401]


# Tokens that are not as we issue them.

CHANGED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "no jti": lambda claims: {key: value for key, value in claims.items() if key != "jti"},
    "unknown jti": lambda claims: claims | {"jti": str(uuid4())},
    "no sub": lambda claims: {key: value for key, value in claims.items() if key != "sub"},
    "sub of another": lambda claims: claims | {"sub": str(uuid4())},
    "no iss": lambda claims: {key: value for key, value in claims.items() if key != "iss"},
    "foreign iss": lambda claims: claims | {"iss": "elsewhere"},
    "no aud": lambda claims: {key: value for key, value in claims.items() if key != "aud"},
    "foreign aud": lambda claims: claims | {"aud": "elsewhere"},
    "several aud": lambda claims: claims | {"aud": ["elsewhere", "webmacs"]},
    "no exp": lambda claims: {key: value for key, value in claims.items() if key != "exp"},
    # PostgREST forgives half a minute, the database nothing
    "exp just passed": lambda claims: claims | {"exp": int(time.time()) - 2},
    "exp long passed": lambda claims: claims | {"exp": int(time.time()) - 3600},
    "exp null": lambda claims: claims | {"exp": None},
    "higher role": lambda claims: claims | {"role": "webmacs_admin"},
    "role of the owner": lambda claims: claims | {"role": "webmacs_owner"},
    "role of the superuser": lambda claims: claims | {"role": "postgres"},
    "no role": lambda claims: {key: value for key, value in claims.items() if key != "role"},
    "role anon": lambda claims: claims | {"role": "webmacs_anon"},
}


@pytest.mark.parametrize("change", CHANGED)
def test_signed_but_not_what_was_issued(change: str, api: Api, people: People, keys: KeySet) -> None:
    token = _forge(keys, CHANGED[change](people.the("viewer").claims))
    assert _status(api, token) in (401, 403)


@pytest.mark.parametrize("jti", ["", "not a uuid", 17, {"a": 1}])
def test_a_jti_of_another_form_is_no_server_error(jti: object, api: Api, people: People, keys: KeySet) -> None:
    assert _status(api, _forge(keys, people.the("viewer").claims | {"jti": jti})) in (400, 401, 403)


def _pem(keys: KeySet) -> bytes:
    return keys.current.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_no_signature(api: Api, people: People, keys: KeySet) -> None:
    token = jwt.encode(people.the("admin").claims, "", "none", headers={"kid": keys.current.kid})
    assert _status(api, token) == 401


def test_public_key_taken_for_a_shared_secret(api: Api, people: People, keys: KeySet) -> None:
    hmac = jwt.get_algorithm_by_name("HS256")
    header = jwt.utils.base64url_encode(f'{{"alg":"HS256","typ":"JWT","kid":"{keys.current.kid}"}}'.encode())
    body = jwt.utils.base64url_encode(json.dumps(people.the("admin").claims).encode())
    signature = jwt.utils.base64url_encode(hmac.sign(header + b"." + body, _pem(keys)))
    assert _status(api, b".".join([header, body, signature]).decode()) == 401


def test_changed_after_signing(api: Api, people: People) -> None:
    header, body, signature = people.the("viewer").token.split(".")
    _, other, _ = people.the("admin").token.split(".")
    assert _status(api, ".".join([header, other, signature])) == 401
    assert _status(api, ".".join([header, body, signature])) == 200


@pytest.mark.parametrize("token", ["x", "a.b.c", "ey", "." * 10])
def test_no_token_at_all(token: str, api: Api) -> None:
    assert _status(api, token) == 401


def test_a_token_says_what_its_row_says(people: People, sql: Sql) -> None:
    caller = people.user("viewer")
    row = "select floor(extract(epoch from expires_at))::bigint from private.credentials where jti = %s"
    assert sql.superuser.execute(row, (caller.jti,)).fetchone() == (caller.claims["exp"],)
