"""Every parameter of the REST API takes hostile values as values, or refuses them: no 5xx, no second answer."""

import json
from typing import Any

import httpx
import pytest

from tests.api.rights import function_cases, view_cases
from tests.api.world import CHANGES, World, call, new_row
from tests.security.injections import PAYLOADS, variants
from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql

ROLL_BACK = {"Prefer": "tx=rollback"}
VIEWS = sorted({case.resource for case in view_cases()})
FUNCTIONS = sorted({case.resource for case in function_cases()} - {"upload_experiment_file"})
SHAPE = {"code", "message", "details", "hint"}
OPTIONS = ("select", "order", "limit", "offset", "columns", "on_conflict", "and", "or", "not.and", "nothing")
HEADERS = ("Prefer", "Accept", "Accept-Profile", "Content-Profile", "Content-Type", "X-Request-ID", "X-HTTP-Method")


@pytest.fixture(scope="module")
def world(sql: Sql, people: People) -> World:
    """Rows to try it on."""
    return World(sql, people)


@pytest.fixture(autouse=True)
def unharmed(sql: Sql, people: People) -> Any:
    """After each test the accounts are those that were there before."""
    people.the("admin")
    before = sql.superuser.execute("select count(*), max(id) from private.users").fetchone()
    yield
    assert sql.superuser.execute("select count(*), max(id) from private.users").fetchone() == before


def check(answer: httpx.Response) -> None:
    """One answer, ours, and no fault of the server."""
    said = f"{answer.request.method} {answer.request.url} {answer.request.content[:500]!r}: {answer.text[:500]}"
    assert answer.status_code < 500, said
    assert "Set-Cookie" not in answer.headers, said
    assert len(answer.history) == 0
    if answer.status_code >= 400:
        assert set(answer.json()) == SHAPE, said
        assert "private." not in answer.json()["message"], said


def send(client: httpx.Client, method: str, path: str, body: Any) -> None:
    headers = {**ROLL_BACK, "Content-Type": "application/json"}
    check(client.request(method, path, content=json.dumps(body), headers=headers))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_arguments_of_functions(function: str, api: Api, world: World) -> None:
    body = call(function, world.own["admin"])["json"]
    for payload in PAYLOADS.values():
        for changed in variants(body, payload):
            send(api.as_role("admin"), "POST", f"/rpc/{function}", changed)


@pytest.mark.parametrize("view", VIEWS)
def test_fields_of_rows(view: str, api: Api, world: World) -> None:
    own = world.own["admin"]
    for payload in PAYLOADS.values():
        for changed in variants(new_row(view, own), payload):
            send(api.as_role("admin"), "POST", f"/{view}", changed)
        for changed in variants(CHANGES[view], payload):
            send(api.as_role("admin"), "PATCH", f"/{view}?{own.filters[view]}", changed)


@pytest.mark.parametrize("view", VIEWS)
def test_filters(view: str, api: Api, sql: Sql) -> None:
    columns = sql.superuser.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0", (f"api.{view}",)
    ).fetchall()
    client = api.as_role("admin")
    for payload in _in_addresses():
        for (column,) in columns:
            check(client.get(f"/{view}", params={column: f"eq.{payload}", "limit": "1"}))
        check(client.get(f"/{view}", params={payload: "eq.1", "limit": "1"}))


@pytest.mark.parametrize("option", OPTIONS)
def test_options(option: str, api: Api) -> None:
    for payload in _in_addresses():
        check(api.as_role("admin").get("/events", params={option: payload}))
        check(api.as_role("admin").get("/events", params={option: f"({payload})"}))


@pytest.mark.parametrize("name", HEADERS)
def test_headers(name: str, api: Api) -> None:
    for payload in PAYLOADS.values():
        if set(payload) & set("\r\n\0\ud800") or len(payload) > 5000:
            continue  # these cannot be sent in a header, or not by this client
        for method in ("GET", "POST"):
            check(
                api.as_role("admin").request(
                    method, "/nothing" if method == "POST" else "/events", headers={name: payload}
                )
            )


@pytest.mark.parametrize("path", ["/private/users", "/%2e%2e/private", "/private.users", "/rpc/pg_sleep?x=9"])
def test_paths(path: str, api: Api) -> None:
    assert api.as_role("admin").get(path).status_code == 404


def _in_addresses() -> list[str]:
    return [payload for payload in PAYLOADS.values() if "\ud800" not in payload and len(payload) < 5000]
