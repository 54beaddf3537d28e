"""Downloads: what is in the file, and whatever can be wrong with the request."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from tests.sidecar.conftest import Door, bearer
from tests.sidecar.plant import Event, Plant
from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.sql import Sql

HEADER = ["event", "event_public_id", "timestamp", "value", "unit", "quality"]
SHAPE = {"code", "message", "details", "hint"}


@pytest.fixture(scope="module")
def plant(sql: Sql) -> Plant:
    return Plant(sql.superuser)


@pytest.fixture(scope="module")
def boiler(plant: Plant) -> Event:
    """Three values around the hour that Zurich had twice in October 2025."""
    event = plant.event("Boiler")
    plant.store(
        event,
        ("2025-10-26T00:30:00.25Z", 1.5),
        ("2025-10-26T01:30:00.25Z", 0.1 + 0.2, 64),
        ("2025-10-26T02:30:00Z", -1e-7),
    )
    return event


@pytest.fixture(scope="module")
def client(door: Door, people: People) -> Iterator[httpx.Client]:
    """Asks as a viewer, and wants nothing compressed."""
    headers = {**bearer(people.the("viewer").token), "Accept-Encoding": "identity"}
    with closing(httpx.Client(base_url=door.url, headers=headers, **PLAIN)) as made:
        yield made


def export(client: httpx.Client, **parameters: Any) -> httpx.Response:
    return client.get("/export/datapoints", params={name.rstrip("_"): value for name, value in parameters.items()})


def rows(answer: httpx.Response, delimiter: str = ",") -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.reader(answer.text.splitlines(), delimiter=delimiter))


def test_csv(client: httpx.Client, boiler: Event) -> None:
    answer = export(client, events=boiler.id)
    assert rows(answer) == [
        HEADER,
        ["Boiler", boiler.public_id, "2025-10-26T00:30:00.25+00:00", "1.5", "°C", "192"],
        ["Boiler", boiler.public_id, "2025-10-26T01:30:00.25+00:00", "0.30000000000000004", "°C", "64"],
        ["Boiler", boiler.public_id, "2025-10-26T02:30:00+00:00", "-1e-07", "°C", "192"],
    ]
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert 'filename="webmacs_Boiler_all_' in answer.headers["Content-Disposition"]


def test_from_is_inclusive_and_to_is_not(client: httpx.Client, boiler: Event) -> None:
    span = {"from": "2025-10-26T00:30:00.25Z", "to": "2025-10-26T01:30:00.25Z"}
    answer = export(client, events=boiler.public_id, **span)
    assert [row[3] for row in rows(answer)[1:]] == ["1.5"]
    name = 'filename="webmacs_Boiler_2025-10-26T0030_2025-10-26T0130.csv"'
    assert name in answer.headers["Content-Disposition"]


def test_a_zone_with_its_offsets(client: httpx.Client, boiler: Event) -> None:
    """The hour that comes twice is told apart; times without an offset are of the zone."""
    answer = export(client, events=boiler.id, time_zone="Europe/Zurich", from_="2025-10-26T02:00:00")
    assert [row[2] for row in rows(answer)[1:]] == [
        "2025-10-26T02:30:00.25+01:00",
        "2025-10-26T03:30:00+01:00",
    ]


NIGHTS = ("2024-03-31", "2024-10-27")  # in which the clocks of Zurich change, at 01:00 UTC


@pytest.fixture(scope="module")
def nights(plant: Plant) -> Event:
    """So many values around both changes that several pages of each format lie in the hour itself."""
    event = plant.event()
    for night in NIGHTS:
        plant.superuser.execute("select private.make_partitions_for(array[%s::timestamptz])", (f"{night}T00:00Z",))
        plant.superuser.execute(
            "insert into private.datapoints (event_id, quality, ts, value)"
            " select %s, 192, %s::timestamptz + n * interval '0.1 s', n from generate_series(0, 107999) n",
            (event.id, f"{night}T00:00Z"),
        )
    return event


@pytest.mark.parametrize("layout", [{}, {"layout": "wide", "grid": 0.7}], ids=["long", "wide"])
@pytest.mark.parametrize("night", NIGHTS)
def test_pages_where_clocks_change(client: httpx.Client, nights: Event, night: str, layout: dict[str, Any]) -> None:
    """Each value once, and the grid goes on, whatever the zone."""
    place = 1 if layout else 3
    lines = []
    for zone in ("UTC", "Europe/Zurich"):
        span = {"from": f"{night}T00:00Z", "to": f"{night}T03:00Z"}
        found = rows(export(client, events=nights.id, time_zone=zone, **span, **layout))[1:]
        lines.append([(datetime.fromisoformat(row[0 if layout else 2]), row[place]) for row in found])
    assert lines[0] == lines[1]
    assert len(lines[0]) == (15429 if layout else 108_000)


def test_a_range_within_the_hour_that_comes_twice(client: httpx.Client, nights: Event) -> None:
    span = {"from": "2024-10-27T02:59:59.9+02:00", "to": "2024-10-27T02:00:00.1+01:00"}
    found = rows(export(client, events=nights.id, time_zone="Europe/Zurich", **span))[1:]
    assert [row[2] for row in found] == ["2024-10-27T02:59:59.9+02:00", "2024-10-27T02:00:00+01:00"]


def test_a_day_of_25_hours(client: httpx.Client, nights: Event) -> None:
    """A day of the zone is as long as it is; a grid is in seconds, and does not follow clocks."""
    span = {"from": "2024-10-27", "to": "2024-10-29", "time_zone": "Europe/Zurich"}
    found = rows(export(client, events=nights.id, layout="wide", grid=86400, **span))[1:]
    assert [row[0] for row in found] == ["2024-10-27T23:00:00+01:00"]


def test_a_decimal_comma(client: httpx.Client, boiler: Event) -> None:
    answer = export(client, events=boiler.id, decimal="comma")
    assert answer.text.startswith("\ufeffevent;event_public_id;")
    assert [row[3] for row in rows(answer, ";")[1:]] == ["1,5", "0,30000000000000004", "-1e-07"]


def test_ndjson(client: httpx.Client, boiler: Event) -> None:
    answer = export(client, events=boiler.id, format="ndjson", to="2025-10-26T01:00:00Z")
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert [json.loads(line) for line in answer.text.splitlines()] == [
        {
            "event": "Boiler",
            "event_public_id": boiler.public_id,
            "timestamp": "2025-10-26T00:30:00.25+00:00",
            "value": 1.5,
            "unit": "°C",
            "quality": 192,
        }
    ]


HOSTILE = [
    '=cmd|" /C calc"!A0',
    "+1,5",
    "=\n1+1",
    "\uff1d1+1",
    "'=1+1",
    'two\nlines, "quoted"; and \\ more',
    "lines of a Mac\rlines of Windows\r\nend",
    "-",
    "Δ µ 🙂",
    "{}%s%(x)s$1",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_kept_and_harmless(client: httpx.Client, plant: Plant, name: str) -> None:
    event = plant.event(name, unit=name)
    plant.store(event, ("2026-01-01T00:00:00Z", 1))
    answer = export(client, events=event.id)
    (row,) = list(csv.reader(io.StringIO(answer.text, newline="")))[1:]
    assert row[0] == row[4]
    assert row[0] in (name, f"'{name}")
    assert len(row[0]) == 1 or row[0][0] not in "=+-@\t\uff1d"
    (line,) = export(client, events=event.id, format="ndjson").text.splitlines()
    assert json.loads(line)["event"] == name
    wide = {"layout": "wide", "grid": 60, "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:10:00Z"}
    (line,) = export(client, events=event.id, format="ndjson", **wide).text.splitlines()
    assert json.loads(line)["values"] == {name: 1}


def test_several_events_in_the_order_asked_for(client: httpx.Client, plant: Plant, boiler: Event) -> None:
    other = plant.event()
    plant.store(other, ("2025-10-26T00:00:00Z", 7))
    answer = export(client, events=f"{other.public_id},{boiler.id},{other.id}")
    assert [row[3] for row in rows(answer)[1:]] == ["7", "1.5", "0.30000000000000004", "-1e-07"]
    assert '"webmacs_2-events_all_' in answer.headers["Content-Disposition"]


def test_events_may_be_named_one_by_one(client: httpx.Client, plant: Plant, boiler: Event) -> None:
    other = plant.event()
    answer = client.get("/export/datapoints", params=[("events", other.id), ("events", boiler.id)])
    assert '"webmacs_2-events_all_' in answer.headers["Content-Disposition"]


def test_a_name_that_file_systems_take(client: httpx.Client, plant: Plant) -> None:
    answer = export(client, events=plant.event("漢" * 255).id, gzip="true")
    name = unquote(answer.headers["Content-Disposition"].partition("filename*=UTF-8''")[2])
    assert name.startswith("webmacs_漢漢")
    assert len(name.encode()) <= 255


def test_without_events_all(client: httpx.Client, boiler: Event) -> None:
    assert boiler.public_id in export(client).text


def test_nothing_in_the_range_is_a_header(client: httpx.Client, boiler: Event) -> None:
    assert rows(export(client, events=boiler.id, to="2020-01-01")) == [HEADER]
    assert export(client, events=boiler.id, to="2020-01-01", format="ndjson").content == b""


def test_many_pages_are_one_file(client: httpx.Client, plant: Plant) -> None:
    first, second = plant.event(), plant.event()
    plant.fill(first, 100_001)
    plant.fill(second, 2_000)
    found = rows(export(client, events=f"{first.id},{second.id}"))[1:]
    assert len(found) == 102_001
    expected = [(ts, value) for event in (first, second) for ts, value, _ in plant.stored(event)]
    assert [(datetime.fromisoformat(row[2]), float(row[3])) for row in found] == expected


def test_compressed_on_the_way(client: httpx.Client, boiler: Event) -> None:
    plain = export(client, events=boiler.id)
    packed = client.get("/export/datapoints", params={"events": boiler.id}, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.text == plain.text  # httpx unpacks it
    refused = client.get("/export/datapoints", params={"events": boiler.id}, headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_a_compressed_file(client: httpx.Client, boiler: Event) -> None:
    packed = export(client, events=boiler.id, gzip="true", to="2025-10-26T03:00:00Z")
    assert "Content-Encoding" not in packed.headers
    assert '_2025-10-26T0300.csv.gz"' in packed.headers["Content-Disposition"]
    assert gzip.decompress(packed.content) == export(client, events=boiler.id).content


WIDE = {"layout": "wide", "from": "2026-02-01T00:00:00Z", "to": "2026-02-01T00:05:00Z"}


def test_wide(client: httpx.Client, plant: Plant) -> None:
    """The newest value at each step, not older than a step; where there is none, nothing."""
    hot, cold = plant.event("hot"), plant.event("cold", "-")
    plant.store(hot, ("2026-01-31T23:59:30Z", 1), ("2026-02-01T00:00:20Z", 2), ("2026-02-01T00:01:00Z", 3))
    plant.store(cold, ("2026-02-01T00:00:30Z", 0.5), ("2026-02-01T00:03:30Z", 5))
    asked = {**WIDE, "events": f"{hot.id},{cold.id}", "grid": 60}
    assert rows(export(client, **asked)) == [
        ["timestamp", "hot [°C]", "cold [-]"],
        ["2026-02-01T00:00:00+00:00", "1", ""],
        ["2026-02-01T00:01:00+00:00", "3", "0.5"],
        ["2026-02-01T00:04:00+00:00", "", "5"],
    ]
    comma = export(client, **asked, decimal="comma", time_zone="America/New_York")
    assert rows(comma, ";")[2] == ["2026-01-31T19:01:00-05:00", "3", "0,5"]
    lines = [json.loads(line) for line in export(client, **asked, format="ndjson").text.splitlines()]
    assert lines[2] == {"timestamp": "2026-02-01T00:04:00+00:00", "values": {"hot": None, "cold": 5}}


def test_wide_crosses_a_gap_of_years(client: httpx.Client, plant: Plant) -> None:
    event = plant.event()
    plant.store(event, ("2019-05-05T05:05:05.5Z", 1), ("2026-03-03T03:03:03Z", 2))
    found = rows(export(client, events=event.id, layout="wide", grid=0.5))[1:]
    assert found == [["2019-05-05T05:05:05.5+00:00", "1"], ["2026-03-03T03:03:03+00:00", "2"]]
    assert len(rows(export(client, events=event.id, layout="wide", grid=31_622_400))) == 3


def test_wide_in_many_pages(client: httpx.Client, plant: Plant) -> None:
    event = plant.event()
    plant.fill(event, 25_000)
    found = rows(export(client, events=event.id, layout="wide", grid=1))[1:]
    assert [(datetime.fromisoformat(row[0]), float(row[1])) for row in found] == [p[:2] for p in plant.stored(event)]


def test_an_experiment(client: httpx.Client, plant: Plant, boiler: Event) -> None:
    plant.superuser.execute(
        "insert into private.experiments (name, started_at, stopped_at)"
        " values ('Trocknung/7 ü', '2025-10-26T01:00Z', '2025-10-26T02:30Z')"
    )
    public_id, number = plant.superuser.execute(  # type: ignore[misc]
        "select public_id, id from private.experiments where name = 'Trocknung/7 ü'"
    ).fetchone()
    whole = client.get(f"/export/experiments/{public_id}")
    assert {row[0] for row in rows(whole)[1:]} == {"Boiler"}  # no other event has values in that time
    assert [row[3] for row in rows(whole)[1:]] == ["0.30000000000000004"]
    said = whole.headers["Content-Disposition"]
    assert said.startswith('attachment; filename="webmacs_experiment_Trocknung-7-_.csv"; filename*=UTF-8')
    plant.superuser.execute("insert into private.experiment_events values (%s, %s)", (number, plant.event("idle").id))
    assert rows(client.get(f"/export/experiments/{public_id}", params={"decimal": "comma"}), ";")[1:] == []


def test_an_experiment_whose_events_were_purged(client: httpx.Client, plant: Plant) -> None:
    """It has no values any more, and not those of all events."""
    event = plant.event("purged").id
    plant.superuser.execute("insert into private.experiments (name, started_at) values ('bereft', '2020-01-01Z')")
    plant.superuser.execute(
        "insert into private.experiment_events select id, %s from private.experiments where name = 'bereft'", (event,)
    )
    plant.superuser.execute("select api.purge_event(%s)", (event,))
    (public_id,) = plant.superuser.execute(  # type: ignore[misc]
        "select public_id from private.experiments where name = 'bereft'"
    ).fetchone()
    path = f"/export/experiments/{public_id}"
    assert rows(client.get(path))[1:] == []
    assert rows(client.get(path, params={"layout": "wide", "grid": 60}))[1:] == []


MISTAKES: dict[str, tuple[dict[str, Any], int, str]] = {
    "range upside down": ({"from": "2026-01-02", "to": "2026-01-01"}, 400, "from must be before to."),
    "empty range": ({"from": "2026-01-02", "to": "2026-01-02"}, 400, "from must be before to."),
    "unknown number": ({"events": "2147483647"}, 404, "There is no event 2147483647."),
    "a number beyond all": ({"events": "2147483648"}, 400, "events must be numbers or public ids"),
    "unknown public id": ({"events": "00000000-0000-0000-0000-000000000000"}, 404, "There is no event 00000000-"),
    "no identifier": ({"events": "1,,2"}, 400, "events must be numbers or public ids"),
    "unknown zone": ({"time_zone": "Europe/Atlantis"}, 400, "There is no time zone Europe/Atlantis."),
    "a zone by the rules of POSIX": ({"time_zone": "Nowhere/Else+7"}, 422, "time_zone must be the name"),
    "no zone at all": ({"time_zone": "'; drop"}, 422, "time_zone must be the name"),
    "unknown format": ({"format": "xlsx"}, 422, "format must be 'csv' or 'ndjson'."),
    "unknown layout": ({"layout": "deep"}, 422, "layout must be 'long' or 'wide'."),
    "wide without grid": ({"layout": "wide"}, 422, "layout=wide needs grid"),
    "grid without wide": ({"grid": "1"}, 422, "layout=long takes none"),
    "grid of nothing": ({"layout": "wide", "grid": "0"}, 422, "grid must be at least 0.001."),
    "grid without end": ({"layout": "wide", "grid": "inf"}, 422, "grid"),
    "grid that is no number": ({"layout": "wide", "grid": "nan"}, 422, "grid"),
    "JSON with commas": ({"format": "ndjson", "decimal": "comma"}, 422, "JSON has no decimal comma"),
    "a number for a time": ({"from": "20260131"}, 422, "Times must be ISO 8601 with hyphens"),
    "not a time": ({"from": "yesterday"}, 422, "from is not valid"),
    "before all times": ({"from": "0001-01-01"}, 422, "Times must be in the years 1900 to 2200."),
    "unknown parameter": ({"limit": "1"}, 422, "limit is not known here."),
}


@pytest.mark.parametrize(("parameters", "status", "said"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes(client: httpx.Client, parameters: dict[str, Any], status: int, said: str) -> None:
    answer = export(client, **parameters)
    assert (answer.status_code, set(answer.json())) == (status, SHAPE), answer.text
    assert said in answer.json()["message"]


def test_mistakes_with_experiments(client: httpx.Client) -> None:
    unknown = client.get("/export/experiments/00000000-0000-0000-0000-000000000000")
    assert (unknown.status_code, set(unknown.json())) == (404, SHAPE)
    assert client.get("/export/experiments/7").status_code == 422


def test_only_people(door: Door, people: People) -> None:
    assert door.get("/export/datapoints").status_code == 401
    refused = door.get("/export/datapoints", people.the("controller").token)
    assert (refused.status_code, set(refused.json())) == (403, SHAPE)


def test_now_is_the_end_if_none_is_given(client: httpx.Client, plant: Plant) -> None:
    event = plant.event()
    plant.store(event, (datetime.now(UTC), 1))
    assert len(rows(export(client, events=event.id))) == 2
