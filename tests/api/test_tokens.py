"""Which tokens are refused, although their role may do what they ask: at once, and with the verification cache on."""

import pytest

from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql


def _status(api: Api, token: str) -> int:
    return api.with_token(token).get("/events").status_code


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


def test_a_token_says_what_its_row_says(people: People, sql: Sql) -> None:
    caller = people.user("viewer")
    row = "select floor(extract(epoch from expires_at))::bigint from private.credentials where jti = %s"
    assert sql.superuser.execute(row, (caller.jti,)).fetchone() == (caller.claims["exp"],)
