"""rpc/series and rpc/statistics through PostgREST: bad input is refused in the one shape, naming field and limits."""

from typing import Any

import httpx
import pytest

from tests.db.plant import Plant
from tests.support.rest import Api
from tests.support.sql import Sql

Json = dict[str, Any]
RANGE = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
TIMES = '"from" and "to" must be times in the years 1900 to 2200, "from" before "to".'
EVENTS = "event_ids must be 1 to 100 numbers of events."
BUCKETS = "buckets must be from 1 to 10000."
LIMITS = "below and above must be finite numbers."
RANGES: list[Json] = [
    {"from": "2026-01-02", "to": "2026-01-01"},
    {"from": "2026-01-01", "to": "2026-01-01"},
    {"from": None},
    {"to": None},
    {"from": "-infinity"},
    {"to": "infinity"},
    {"from": "0001-01-01"},
    {"from": "4714-11-24 00:00+00 BC"},
    {"to": "294276-12-31"},
    {"from": "294276-12-30", "to": "294276-12-31"},
    {"from": "2026-03-29T03:00:00+02:00", "to": "2026-03-29T01:00:00Z"},  # the same, though DST hides it
]


@pytest.fixture(scope="module")
def event(sql: Sql) -> int:
    """An event without values."""
    return Plant(sql.superuser).event()


def series(api: Api, event: int, **change: object) -> httpx.Response:
    """Asks for an event, with something else changed."""
    body = {"event_ids": [event], **RANGE, **change}
    return api.as_role("viewer").post("/rpc/series", json=body)


def statistics(api: Api, event: int, **change: object) -> httpx.Response:
    """The same of statistics."""
    return api.as_role("viewer").post("/rpc/statistics", json={"event_id": event, **RANGE, **change})


def refused(answer: httpx.Response, status: int, message: str) -> None:
    """It is, in the one shape."""
    assert (answer.status_code, answer.json().get("message")) == (status, message)
    assert answer.json().keys() == {"code", "message", "details", "hint"}


@pytest.mark.parametrize("change", RANGES, ids=str)
def test_what_is_no_range(change: Json, event: int, api: Api) -> None:
    refused(series(api, event, **change), 400, TIMES)
    refused(statistics(api, event, **change), 400, TIMES)


@pytest.mark.parametrize("buckets", [0, -1, 10_001, 1_000_000, None])
def test_buckets(buckets: int | None, event: int, api: Api) -> None:
    refused(series(api, event, buckets=buckets), 400, BUCKETS)


@pytest.mark.parametrize(
    "event_ids",
    [[], None, [None], [1, None], [[1, 2], [3, 4]], [[1]], list(range(1, 102)), [0] * 200_000],
    ids=lambda ids: str(ids)[:20],
)
def test_lists_of_events(event_ids: list[Any] | None, event: int, api: Api) -> None:
    refused(series(api, event, event_ids=event_ids), 400, EVENTS)


def test_unknown_events(event: int, api: Api) -> None:
    refused(series(api, event, event_ids=[event, 987_654]), 404, "There is no event 987654.")
    refused(statistics(api, 987_654), 404, "There is no event 987654.")


@pytest.mark.parametrize("limit", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("name", ["below", "above"])
def test_limits(name: str, limit: str, event: int, api: Api) -> None:
    refused(statistics(api, event, **{name: limit}), 400, LIMITS)


@pytest.mark.parametrize(
    "change",
    [
        {"buckets": "x"},
        {"buckets": 1.5},
        {"buckets": 1e12},
        {"event_ids": 1},
        {"event_ids": ["a"]},
        {"from": "NaN"},
        {"from": 1},
    ],
    ids=str,
)
def test_wrong_types(change: Json, event: int, api: Api) -> None:
    answer = series(api, event, **change)
    assert answer.status_code == 400, answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}


def test_an_event_named_twice_is_answered_twice(event: int, api: Api) -> None:
    answer = series(api, event, event_ids=[event, event])
    assert [each["event_id"] for each in answer.json()["series"]] == [event, event]


def test_what_is_still_to_come(event: int, api: Api) -> None:
    coming = {"from": "2199-01-01", "to": "2199-01-02"}
    assert series(api, event, **coming).json()["series"][0]["t"] == []
    answer = statistics(api, event, **coming).json()
    assert answer == answer | {"count": 0, "mean": None, "time_weighted_mean": None}


@pytest.mark.parametrize(
    "query",
    ["event_ids=1", "event_ids={1", "event_ids={}", "event_ids={1}&buckets=many", "event_ids={1}&to=now&from=now"],
)
def test_by_get(query: str, api: Api) -> None:
    answer = api.as_role("viewer").get(f"/rpc/series?from=2026-01-01&{query}")
    assert answer.status_code == 400, answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}
