"""Policies of retention through the REST API."""

import pytest

from tests.support.rest import Api
from tests.support.sql import Sql


@pytest.fixture(autouse=True)
def for_ever(sql: Sql) -> None:
    sql.superuser.execute("update private.retention set age_days = null, budget_bytes = null")


def test_an_administrator_decides_and_it_is_written_down(api: Api) -> None:
    admin = api.as_role("admin")
    change = {"age_days": 90, "budget_bytes": 10**10}
    answer = admin.patch("/retention?unit=eq.raw", json=change, headers={"Prefer": "return=representation"})
    nothing = {"dropped_to": None, "over_budget": False, "least_days": None}
    assert answer.json() == [{"unit": "raw", **change, **nothing}]
    line = admin.get("/audit_log?table_name=eq.retention&operation=eq.update&order=id.desc&limit=1").json()[0]
    assert (line["row_id"], line["new"]) == ("raw", change)


@pytest.mark.parametrize(
    ("unit", "change", "message"),
    [
        ("raw", {"age_days": 0}, "age_days must be from 1 to 36500, or null"),
        ("raw", {"age_days": 36501}, "age_days must be from 1 to 36500, or null"),
        ("day", {"budget_bytes": 999_999}, "budget_bytes must be at least 1000000, or null"),
        ("minute", {"age_days": 30}, "age_days of minute must not be less than age_days of raw."),
        ("raw", {"age_days": "soon"}, "soon"),
    ],
)
def test_refused_with_the_name_of_the_field(unit: str, change: dict[str, object], message: str, api: Api) -> None:
    answer = api.as_role("admin").patch(f"/retention?unit=eq.{unit}", json=change)
    assert answer.status_code == 400
    assert message in answer.json()["message"]


@pytest.mark.parametrize("change", [{"unit": "week"}, {"gone": "{}"}, {"over_budget": False}])
def test_the_rest_is_the_systems(change: dict[str, object], api: Api) -> None:
    assert api.as_role("admin").patch("/retention?unit=eq.raw", json=change).status_code in (400, 403)
