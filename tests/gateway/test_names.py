"""Long names, for which PostgREST 12.0.2 would look for names alike, for minutes: in addresses and in bodies."""

import json
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.gateway.conftest import Gateway
from tests.support.database import Database

LONG = "x" * 10_000
SERIES = {"event_ids": [1], "from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "buckets": 24}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "query",
    [
        "events?select=id," + "x" * 257,
        "events?select=id%2c" + "x" * 257 + "(id)",
        "events?select=" + "x" * 256 + "%zz" + "x" * 256,
        "events?s%65lect=id," + "x" * 257,
        "events?limit=1&select=a.b&columns=" + "x" * 257,
        "rpc/series?columns=" + "x" * 257,
        "rpc/series?columns=" + ",".join(f"name{n}" for n in range(200)),
        "rpc/series?col%75mns=" + ",".join(f"name{n}" for n in range(200)),
        "rpc/series?" + "&".join(f"{'x' * 100}{n}=1" for n in range(6)),
        "rpc/series?=1&&" + "&".join(f"{'x' * 100}{n}=&" for n in range(6)),
        "rpc/series%3F?" + "&".join(f"{'x' * 100}{n}" for n in range(6)),
    ],
)
def test_long_names_in_addresses_are_refused(query: str, gateway: Gateway) -> None:
    for method in ("GET", "POST"):
        answer = gateway.client.request(method, f"/api/{query}", headers=gateway.as_role("viewer"))
        assert (answer.status_code, answer.json()["code"]) == (414, "address_too_long")


@pytest.mark.parametrize("comma", [",", "%2C", "%2c"])
def test_long_lists_of_names_and_long_values_are_not(comma: str, gateway: Gateway) -> None:
    columns = comma.join(["id", "name", "unit", *(f"alias{n}:area" for n in range(200)), "latest(ts,value,quality)"])
    texts = f"name=eq.{'y' * 300}&or=(name.eq.{'z' * 300},unit.eq.x)&order=name"
    answer = gateway.client.get(f"/api/events?select={columns}&{texts}", headers=gateway.as_role("viewer"))
    assert (answer.status_code, answer.json()) == (200, []), answer.text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", json.dumps(SERIES | {LONG: 1})),
        ("application/json", json.dumps({LONG: 1})),
        ("application/json", json.dumps([{"a": [1, {"b": 2}]}, {LONG: 1}])),
        ("application/json", '{"a": {"b": ["\\"}"]}, "' + "\\\\" * 3000 + '": 1}'),
        ("application/json", json.dumps({f"name{n}": 1 for n in range(1000)})),
        ("", json.dumps({LONG: 1})),
        (FORM, "a=1&" + LONG + "=1"),
        (FORM, "&".join(f"name{n}=1" for n in range(1000))),
    ],
)
def test_long_names_in_bodies_are_made_nonsense(kind: str, body: str, gateway: Gateway) -> None:
    headers = gateway.as_role("viewer") | ({"Content-Type": kind} if kind else {})
    answer = gateway.client.post("/api/rpc/series", content=body, headers=headers)
    # what was not read as a call was not looked for, and of a form only the names before the nonsense were
    refused = (404, "PGRST202") if kind == FORM else (400, "PGRST102")
    assert (answer.status_code, answer.json()["code"]) == refused, answer.text[:300]
    assert len(answer.text) < 2000


def test_csv_is_no_call(gateway: Gateway) -> None:
    headers = gateway.as_role("viewer") | {"Content-Type": "text/csv; charset=utf-8"}
    answer = gateway.client.post("/api/rpc/series", content=f"{LONG}\n1\n", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "wrong_content_type")


@pytest.fixture(scope="module")
def echo(gateway: Gateway, database: Database) -> Iterator[str]:
    """A function that answers with what it is given."""
    with closing(database.connect()) as superuser:
        superuser.execute("create function api.echo(given json, more json) returns json stable return given")
        superuser.execute("grant execute on function api.echo to webmacs_viewer; notify pgrst")
        asked = {"given": 1, "more": 2}
        deadline = time.monotonic() + 30
        while not gateway.client.post("/api/rpc/echo", json=asked, headers=gateway.as_role("viewer")).is_success:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield "/api/rpc/echo"
        superuser.execute("drop function api.echo; notify pgrst")


@pytest.mark.parametrize("size", [600, 9_000, 3_000_000])
def test_other_bodies_pass_as_they_are(size: int, gateway: Gateway, echo: str) -> None:
    """Long strings, deep objects, and names within values: none of them is a name of an argument."""
    given = ['é\\"' + "y" * size, {"k" * 600: {"k" * 600: 1}}, [["{", "}", "\\"]], "\\" * size]
    body = json.dumps({"more": {"n": given}, "given": given}, ensure_ascii=False).encode()
    headers = gateway.as_role("viewer") | {"Content-Type": "application/json"}
    answer = gateway.client.post(echo, content=body, headers=headers)
    assert (answer.status_code, answer.json()) == (200, given), answer.text[:300]
