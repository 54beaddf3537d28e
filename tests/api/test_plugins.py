"""Plugin instances as an administrator's program and the page see them."""

import itertools
from typing import Any

import httpx
import pytest

from tests.support.hello import channel, hello, plugin, say
from tests.support.people import Caller, People
from tests.support.rest import Api
from tests.support.sql import Sql

RETURN = {"Prefer": "return=representation"}
SECRET = "correct horse"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def controller(sql: Sql, people: People) -> Caller:
    caller = people.the("controller")
    say(sql, caller, hello(channel("t"), plugins=[plugin()]))
    return caller


@pytest.fixture
def admin(api: Api) -> httpx.Client:
    return api.as_role("admin")


def _add(admin: httpx.Client, controller: Caller, **columns: object) -> dict[str, Any]:
    row = {"controller_id": controller.id, "name": f"Bus {next(_numbers)}", "plugin": "bus", "config": {"host": "plc"}}
    answer = admin.post("/plugin_instances", json=row | columns, headers=RETURN)
    assert answer.status_code == 201, answer.text
    (made,) = answer.json()
    return dict(made)


def test_what_is_not_given(admin: httpx.Client, controller: Caller) -> None:
    made = _add(admin, controller)
    (shown,) = admin.get(f"/plugin_instances?id=eq.{made['id']}").json()
    assert made == shown
    assert (shown["enabled"], shown["demo_mode"], shown["interval_seconds"]) == (True, False, 1)
    assert (shown["status"], shown["setting_error"], shown["secret_names"]) == ("unknown", None, [])


@pytest.mark.parametrize("role", ["viewer", "operator", "admin", "controller"])
def test_a_secret_goes_in_and_never_comes_out(role: str, admin: httpx.Client, api: Api, controller: Caller) -> None:
    made = _add(admin, controller, secrets={"password": SECRET})
    row = f"/plugin_instances?id=eq.{made['id']}"
    changed = admin.patch(row, json={"secrets": {"password": SECRET + "!"}}, headers=RETURN)
    (shown,) = api.as_role(role).get(row).json()
    assert (shown["secrets"], shown["secret_names"]) == (None, ["password"])
    assert SECRET not in str(made) + changed.text + admin.get("/audit_log?table_name=eq.plugin_instances").text
    assert api.as_role(role).get(row + "&secrets=not.is.null").json() == []


@pytest.mark.parametrize("wrong", [{"interval_seconds": 0}, {"config": [1]}, {"name": None}, {"config": {"port": 0}}])
def test_a_refusal_does_not_show_the_row_with_its_secrets(
    wrong: dict[str, Any], admin: httpx.Client, controller: Caller
) -> None:
    made = _add(admin, controller, secrets={"password": SECRET})
    refused = admin.patch(f"/plugin_instances?id=eq.{made['id']}", json=wrong)
    assert refused.status_code == 400
    assert SECRET not in refused.text
    assert next(iter(wrong)) in refused.json()["message"]
    assert refused.json()["code"].startswith("23")


def test_a_wrong_setting_is_named_with_what_is_allowed(admin: httpx.Client, controller: Caller) -> None:
    row = {"controller_id": controller.id, "name": "Wrong", "plugin": "bus", "config": {"host": "plc", "port": 0}}
    answer = admin.post("/plugin_instances", json=row)
    assert (answer.status_code, answer.json()) == (
        400,
        {
            "code": "23514",
            "message": "config.port must be a whole number from 1 to 65535.",
            "details": None,
            "hint": None,
        },
    )


@pytest.mark.parametrize(
    "key", ["line\r\nSet-Cookie: a=b", "\x01", "😀", "a" * 5000, "%s %1$s", "config.port", "'; drop table x; --"]
)
def test_an_odd_key_is_just_a_key(key: str, admin: httpx.Client, controller: Caller) -> None:
    row = {"controller_id": controller.id, "name": "Odd", "plugin": "bus", "config": {"host": "plc", key: 1}}
    answer = admin.post("/plugin_instances", json=row)
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    assert answer.json()["message"].startswith(f"config.{key} is not known; allowed are host,")


def test_what_is_installed_is_shown_with_its_schema(api: Api, controller: Caller) -> None:
    (shown,) = api.as_role("viewer").get(f"/controller_plugins?controller_id=eq.{controller.id}&plugin=eq.bus").json()
    assert shown["schema"] == plugin()["schema"]


def test_an_upsert_is_refused_in_so_many_words(admin: httpx.Client, controller: Caller) -> None:
    made = _add(admin, controller)
    row = {"controller_id": controller.id, "name": made["name"], "plugin": "bus", "config": {"host": "x"}}
    headers = {"Prefer": "resolution=merge-duplicates"}
    answer = admin.post("/plugin_instances?on_conflict=controller_id,name", json=row, headers=headers)
    assert 400 <= answer.status_code < 500, answer.text


def test_a_name_that_is_taken(admin: httpx.Client, controller: Caller) -> None:
    made = _add(admin, controller)
    row = {"controller_id": controller.id, "name": made["name"], "plugin": "bus", "config": {"host": "x"}}
    assert admin.post("/plugin_instances", json=row).status_code == 409


def test_deep_settings_are_no_error_of_ours(admin: httpx.Client, controller: Caller) -> None:
    deep = "[" * 3000 + "]" * 3000
    body = f'{{"controller_id": {controller.id}, "name": "Deep", "plugin": "x", "config": {{"x": {deep}}}}}'
    answer = admin.post("/plugin_instances", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400, answer.text
