"""What a service gets, whom it acts for, and how it ends."""

import logging

import pytest

from tests.services.program import Program
from tests.support.people import Caller, People
from tests.support.rest import Api
from tests.support.sql import Sql
from webmacs.config import Config


def me(program: Program, token: str) -> dict[str, object]:
    found: dict[str, object] = program.client.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
    return found


def test_a_service_acts_for_its_user(historian: Program, api: Api) -> None:
    answer = historian.ask()
    assert answer.status_code == 200
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["role"], body["read_only"]) == (
        "bearer",
        300,
        "operator",
        False,
    )
    who = me(historian, body["access_token"])
    assert (who["username"], who["role"], who["kind"]) == ("hilde", "operator", "api_token")
    assert [row["name"] for row in api.with_token(body["access_token"]).get("/me").json()] == ["hilde"]


def test_a_body_may_be_left_out_and_may_ask_for_less(historian: Program) -> None:
    assert historian.ask(body=b"").json()["read_only"] is False
    assert historian.ask(body=b'{"read_only": true}').json()["read_only"] is True


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"\xff", 400), (b"[]", 422), (b'{"role": "admin"}', 422), (b"null", 422)]
)
def test_a_body_that_cannot_be_is_refused(historian: Program, body: bytes, status: int) -> None:
    answer = historian.ask(body=body)
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "details", "hint"}


def test_the_role_is_not_above_that_of_the_user(sidecar: Config, api: Api) -> None:
    with Program.at_socket(sidecar.server.local_socket, "reader") as reader:
        body = reader.ask().json()
    assert (body["role"], body["read_only"], body["expires_in"]) == ("operator", True, 60)
    refused = api.with_token(body["access_token"]).post("/experiments", json={"name": "by a reader"})
    assert refused.status_code == 403


def test_it_loses_what_its_user_loses(historian: Program, sql: Sql, hilde: Caller) -> None:
    token = historian.token()
    sql.superuser.execute("update private.users set role = 'viewer' where id = %s", [hilde.id])
    try:
        assert "changed" in str(me(historian, token)["message"])
        assert historian.ask().json()["role"] == "viewer"
    finally:
        sql.superuser.execute("update private.users set role = 'operator' where id = %s", [hilde.id])


@pytest.mark.parametrize("state", ["disabled", "pending"])
def test_a_user_who_is_not_active_ends_it(sidecar: Config, tom: Caller, sql: Sql, state: str) -> None:
    with Program.at_socket(sidecar.server.local_socket, "temporary") as program:
        token = program.token()
        sql.superuser.execute("update private.users set state = %s where id = %s", [state, tom.id])
        refused = program.ask()
        assert (refused.status_code, refused.json()["code"]) == (403, "no_active_user")
        assert me(program, token)["code"] == "unauthorized"
        sql.superuser.execute("update private.users set state = 'active' where id = %s", [tom.id])


def test_a_user_who_is_not_there_is_named_as_the_reason(sidecar: Config) -> None:
    with Program.at_socket(sidecar.server.local_socket, "orphan") as program:
        refused = program.ask()
    assert (refused.status_code, refused.json()["code"]) == (403, "no_active_user")


def test_it_is_listed_and_can_be_revoked(historian: Program, people: People, api: Api) -> None:
    body = historian.ask().json()
    owner = api.with_token(people.session("hilde").token)
    rows = owner.get("/api_tokens", params={"jti": f"eq.{body['jti']}"}).json()
    assert [(row["name"], row["role"]) for row in rows] == [("service historian", "operator")]
    assert owner.post("/rpc/revoke", json={"jti": body["jti"]}).is_success
    assert api.with_token(body["access_token"]).get("/me").status_code == 401


def test_each_issue_is_in_the_log_and_in_the_audit_log(
    historian: Program, sql: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "webmacs.services"):
        body = historian.ask().json()
    assert f"service historian got a token for Hilde as webmacs_operator, jti {body['jti']}" in caplog.text
    assert body["access_token"] not in caplog.text
    audited = sql.superuser.execute(
        "select actor, new ->> 'service' from private.audit_log"
        " where table_name = 'credentials' and operation = 'insert' and new ->> 'jti' = %s",
        [body["jti"]],
    ).fetchall()
    assert audited == [("webmacs_sidecar", "historian")]


def test_a_service_is_not_in_person(historian: Program, api: Api) -> None:
    answer = historian.client.post(
        "/auth/tokens", json={"name": "for ever"}, headers={"Authorization": f"Bearer {historian.token()}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_a_session")


def test_what_expired_long_ago_is_forgotten(historian: Program, sql: Sql) -> None:
    old, recent = historian.ask().json()["jti"], historian.ask().json()["jti"]
    sql.superuser.execute(
        "update private.credentials set created_at = now() - interval '2 days',"
        " expires_at = now() - interval '25 hours' where jti = %s",
        [old],
    )
    sql.superuser.execute("update private.service_nonces set expires_at = now() - interval '25 hours'")
    historian.ask()
    sql.superuser.execute("select private.purge_services()")
    left = sql.superuser.execute(
        "select jti::text from private.credentials where jti = any(%s::uuid[])", [[old, recent]]
    )
    assert left.fetchall() == [(recent,)]
    assert sql.superuser.execute("select count(*) from private.service_nonces").fetchone() == (1,)
