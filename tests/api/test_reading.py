"""Reading through PostgREST: embedding, filters, ordering, pages with counts, CSV."""

from dataclasses import replace

import pytest

from tests.support.people import People
from tests.support.rest import Api
from tests.support.sql import Sql
from webmacs.config import Config

POINTS = 60
MAX_ROWS = 50


@pytest.fixture(scope="module")
def config(config: Config) -> Config:
    """PostgREST cuts answers early."""
    return replace(config, postgrest=replace(config.postgrest, max_rows=MAX_ROWS))


@pytest.fixture(scope="module", autouse=True)
def _plant(sql: Sql, people: People) -> None:
    """Two events, the first with values of an hour, and two experiments."""
    sql.superuser.execute(f"""
        insert into private.events (name, unit, min_value, max_value, area)
        values ('boiler', '°C', 0, 100, 'east'), ('pump', 'bar', 0, 10, null);
        select private.ingest(array[null::int], array[1], array[192::smallint], array[t], array[extract(minute from t)])
        from generate_series('2026-01-05 12:00'::timestamptz, '2026-01-05 12:{POINTS - 1}', '1 minute') t;
        insert into private.experiments (name, started_at) values ('morning', '2026-01-05'), ('all', '2026-01-06');
        insert into private.experiment_events (experiment_id, event_id) values (1, 1);
    """)


def test_events_with_their_newest_value(api: Api) -> None:
    events = api.as_role("viewer").get("/events?select=*,latest(*)&order=id").json()
    assert [event["name"] for event in events] == ["boiler", "pump"]
    assert events[0]["latest"]["value"] == POINTS - 1
    assert events[1]["latest"] is None


def test_experiments_with_their_events(api: Api) -> None:
    experiments = api.as_role("viewer").get("/experiments?select=*,events(*)&order=id").json()
    assert [[event["name"] for event in run["events"]] for run in experiments] == [["boiler"], []]


@pytest.mark.parametrize(
    ("path", "embedded"),
    [
        ("/controllers?select=*,plugin_instances(*,channel_mappings(*,events(*)))", "plugin_instances"),
        ("/channel_mappings?select=*,events(*),plugin_instances(*)", None),
        ("/events?select=*,channel_mappings(*)", "channel_mappings"),
        ("/experiment_events?select=*,events(*),experiments(*)", "events"),
        ("/datapoints?select=*,events(name)", None),
        ("/latest?select=*,events(name)", "events"),
        ("/log_entries?select=*,controllers(name)", None),
    ],
)
def test_embedding(path: str, embedded: str | None, api: Api) -> None:
    answer = api.as_role("viewer").get(path)
    if path.startswith("/datapoints"):
        # no foreign key from measured values, so there is nothing to follow: said, not guessed
        assert (answer.status_code, answer.json()["code"]) == (400, "PGRST200")
    else:
        assert answer.status_code == 200, answer.text
        assert all(embedded in row for row in answer.json() if embedded)


def test_filters(api: Api) -> None:
    viewer = api.as_role("viewer")
    assert len(viewer.get("/datapoints?event_id=eq.1&ts=gte.2026-01-05T12:30:00Z&value=lt.40").json()) == 10
    assert [event["name"] for event in viewer.get("/events?area=is.null").json()] == ["pump"]
    assert [event["name"] for event in viewer.get("/events?name=ilike.*oil*").json()] == ["boiler"]
    assert [event["name"] for event in viewer.get("/events?event_type=eq.sensor&unit=in.(bar,V)").json()] == ["pump"]


def test_ordering(api: Api) -> None:
    newest = api.as_role("viewer").get("/datapoints?event_id=eq.1&order=ts.desc&limit=2").json()
    assert [point["value"] for point in newest] == [59, 58]


def test_pages_with_counts(api: Api) -> None:
    path = "/datapoints?event_id=eq.1&order=ts"
    exact = {"Prefer": "count=exact"}
    first = api.as_role("viewer").get(f"{path}&limit=40", headers=exact)
    second = api.as_role("viewer").get(f"{path}&limit=40&offset=40", headers=exact)
    by_range = api.as_role("viewer").get(path, headers=exact | {"Range": "10-14"})
    assert [answer.headers["Content-Range"] for answer in (first, second, by_range)] == [
        "0-39/60",
        "40-59/60",
        "10-14/60",
    ]
    assert first.status_code == 206
    assert len(first.json()) + len(second.json()) == POINTS


def test_a_count_tells_that_an_answer_was_cut(api: Api) -> None:
    answer = api.as_role("viewer").get("/datapoints?event_id=eq.1", headers={"Prefer": "count=exact"})
    assert (answer.status_code, len(answer.json())) == (206, MAX_ROWS)
    assert answer.headers["Content-Range"] == f"0-{MAX_ROWS - 1}/{POINTS}"


def test_csv(api: Api) -> None:
    path = "/datapoints?select=ts,value&event_id=eq.1&order=ts&limit=2"
    answer = api.as_role("viewer").get(path, headers={"Accept": "text/csv"})
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.text.splitlines() == ["ts,value", '"2026-01-05 12:00:00+00",0', '"2026-01-05 12:01:00+00",1']


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/rpc/nothing", 404),
        ("/events?nothing=eq.1", 400),
        ("/events?id=eq.abc", 400),
        ("/events?id=eq.99999999999999999999", 400),
        ("/events?select=nothing", 400),
        ("/events?select=*,users(*)", 400),
        ("/datapoints?ts=gt.yesterday-ish", 400),
        ("/datapoints?ts=gt.999999-01-01", 400),
        ("/events?id=nonsense", 400),
        ("/events?public_id=eq.17", 400),
        ("/events?limit=-1", 416),
        ("/events?order=nothing", 400),
    ],
)
def test_mistakes_are_named(path: str, status: int, api: Api) -> None:
    answer = api.as_role("viewer").get(path)
    assert answer.status_code == status, answer.text
    assert answer.json().keys() == {"code", "message", "details", "hint"}


def test_tables_and_internals_are_not_exposed(api: Api) -> None:
    for schema in ("private", "access", "public", "pg_catalog"):
        answer = api.as_role("admin").get("/users", headers={"Accept-Profile": schema})
        assert answer.status_code == 406
