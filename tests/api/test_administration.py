"""What administrators see of tokens, the audit log's seals and retention, and nobody else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql


@pytest.fixture
def policies(sql: Sql) -> Any:
    yield
    sql.superuser.execute("update private.retention set age_days = null, budget_bytes = null")


def test_sessions_and_tokens_say_whose_they_are_and_whether_they_count(api: Api, people: People, sql: Sql) -> None:
    bo = people.user("operator")
    token, late = people.api_token(bo.name, "viewer"), people.api_token(bo.name, "viewer")
    end = "update private.credentials set created_at = now() - interval '2 days', expires_at = now() where jti = %s"
    sql.superuser.execute(end, (late.jti,))
    admin = api.as_role("admin")
    assert admin.post("/rpc/revoke", json={"jti": str(token.jti)}).is_success
    listed = admin.get(f"/api_tokens?username=eq.{bo.name}").json()
    assert {row["jti"]: row["state"] for row in listed} == {str(token.jti): "revoked", str(late.jti): "expired"}
    (session,) = admin.get(f"/sessions?username=eq.{bo.name}&state=eq.active").json()
    assert session["user_public_id"] == listed[0]["user_public_id"]
    assert api.as_role("viewer").get(f"/sessions?username=eq.{bo.name}").json() == []


def test_the_audit_log_is_verified_on_demand(api: Api, sql: Sql) -> None:
    sql.superuser.execute("select private.seal_audit()")
    found = api.as_role("admin").post("/rpc/verify_audit").json()
    assert found["problems"] == []
    assert found["seals"] >= 1
    assert found["entries"] >= 1


def test_what_was_changed_in_the_audit_log_is_named(api: Api, sql: Sql) -> None:
    (number,) = sql.superuser.execute("select max(id) from private.audit_log").fetchone() or (0,)
    sql.superuser.execute("select private.seal_audit()")
    change = "update private.audit_log set actor = actor || %s where id = %s"
    sql.superuser.execute(change, ("x", number))
    try:
        assert f"Entry {number} was changed." in api.as_role("admin").post("/rpc/verify_audit").json()["problems"]
    finally:
        sql.superuser.execute("update private.audit_log set actor = left(actor, -1) where id = %s", (number,))


@pytest.mark.usefixtures("policies")
def test_what_a_policy_would_drop_is_told_and_stays(api: Api, sql: Sql) -> None:
    day = datetime.now(UTC) - timedelta(days=400)
    sql.superuser.execute("select private.make_partitions(array[%s])", (day,))
    sql.superuser.execute("update private.settings set rolled_to = now(), computed_to = now()")
    admin = api.as_role("admin")
    before = admin.post("/rpc/history_partitions").json()
    would = admin.post("/rpc/preview_retention", json={"unit": "raw", "age_days": 300, "budget_bytes": None}).json()
    assert [datetime.fromisoformat(p["from"]) <= day < datetime.fromisoformat(p["to"]) for p in would] == [True]
    assert would[0]["name"] in {p["name"] for p in before}
    assert admin.get("/retention?unit=eq.raw").json()[0]["age_days"] is None
    assert admin.post("/rpc/history_partitions").json() == before
    assert admin.patch("/retention?unit=eq.raw", json={"age_days": 300}).is_success
    goes = [p["name"] for p in admin.post("/rpc/history_partitions").json() if p["goes"]]
    assert goes == [would[0]["name"]]


@pytest.mark.usefixtures("policies")
@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"unit": "week", "age_days": 5, "budget_bytes": None}, "unit must be"),
        ({"unit": "raw", "age_days": 0, "budget_bytes": None}, "age_days must be"),
        ({"unit": "hour", "age_days": 5, "budget_bytes": None}, "age_days of hour must not be less"),
    ],
)
def test_a_policy_that_cannot_be_is_refused(wanted: dict[str, Any], said: str, api: Api) -> None:
    admin = api.as_role("admin")
    admin.patch("/retention?unit=eq.raw", json={"age_days": 30})
    answer = admin.post("/rpc/preview_retention", json=wanted)
    assert answer.status_code in (400, 404)
    assert said in answer.json()["message"]
