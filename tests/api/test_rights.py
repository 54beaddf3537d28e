"""Every role tries every operation of every view and function of `api`, on its own rows and on a stranger's."""

import httpx
import pytest

from tests.api.rights import Case, function_cases, view_cases
from tests.api.world import CHANGES, World, call, new_row
from tests.support.rest import Api
from tests.support.sql import Sql

ROLL_BACK = {"Prefer": "tx=rollback,count=exact"}


def test_every_view_has_its_line(sql: Sql) -> None:
    views = sql.superuser.execute(
        "select relname from pg_class where relnamespace = 'api'::regnamespace and relkind = 'v'"
    )
    assert {name for (name,) in views} == {case.resource for case in view_cases()}


def test_every_function_has_its_line(sql: Sql) -> None:
    functions = sql.superuser.execute("select proname from pg_proc where pronamespace = 'api'::regnamespace")
    assert {name for (name,) in functions} == {case.resource for case in function_cases()}


@pytest.mark.parametrize("case", view_cases(), ids=str)
def test_view(case: Case, api: Api, world: World) -> None:
    client = api.as_role(case.role)
    own, foreign = world.own[case.role], world.foreign
    if case.operation == "insert":
        attempts = [
            client.post(f"/{case.resource}", json=new_row(case.resource, rows), headers=ROLL_BACK)
            for rows in (own, foreign)
        ]
    else:
        attempts = [_try(client, case, rows.filters[case.resource]) for rows in (own, foreign)]
    _check(case, *attempts)


def _try(client: httpx.Client, case: Case, row: str) -> httpx.Response:
    path = f"/{case.resource}?{row}"
    if case.operation == "select":
        return client.get(path, headers=ROLL_BACK)
    if case.operation == "delete":
        return client.delete(path, headers=ROLL_BACK)
    return client.patch(path, json=CHANGES[case.resource], headers=ROLL_BACK)


@pytest.mark.parametrize("case", function_cases(), ids=str)
def test_function(case: Case, api: Api, world: World) -> None:
    client = api.as_role(case.role)
    requests = [call(case.resource, rows) for rows in (world.own[case.role], world.foreign)]
    attempts = [
        client.post(f"/rpc/{case.resource}", **request | {"headers": request["headers"] | ROLL_BACK})
        for request in requests
    ]
    _check(case, *attempts)


def _check(case: Case, own: httpx.Response, foreign: httpx.Response) -> None:
    if case.rows == "none":
        assert (own.status_code, foreign.status_code) == (403, 403), (own.text, foreign.text)
        assert own.json().keys() == {"code", "message", "details", "hint"}
    else:
        assert _reached(own), own.text
        assert _reached(foreign) == (case.rows == "all"), foreign.text
        assert foreign.status_code < 500


def _reached(answer: httpx.Response) -> bool:
    """Whether the operation found its row and did something."""
    if not answer.is_success:
        return False
    counted = answer.headers.get("Content-Range", "*/1")
    return not counted.endswith("/0") and not _refused_points(answer)


def _refused_points(answer: httpx.Response) -> bool:
    body = answer.json() if answer.headers.get("Content-Type", "").startswith("application/json") else None
    return isinstance(body, dict) and body.get("rejected_total", 0) > 0
