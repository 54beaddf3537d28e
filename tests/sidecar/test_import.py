"""Uploads: what export wrote comes back as it was, and hostile files store nothing that they should not."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sidecar.conftest import Door, bearer
from tests.sidecar.plant import Event, Plant
from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.sql import Sql

SHAPE = {"code", "message", "details", "hint"}
HEADER = "event,event_public_id,timestamp,value,unit,quality\n"
T = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def plant(sql: Sql) -> Plant:
    return Plant(sql.superuser)


@pytest.fixture(scope="module")
def client(door: Door, people: People) -> Iterator[httpx.Client]:
    """Asks as an operator."""
    headers = bearer(people.the("operator").token)
    with closing(httpx.Client(base_url=door.url, headers=headers, **PLAIN)) as made:
        yield made


def send(client: httpx.Client, content: Any, *, dry_run: bool = False) -> httpx.Response:
    body = content.encode() if isinstance(content, str) else content
    return client.post("/import/datapoints", content=body, params={"dry_run": dry_run})


def report(client: httpx.Client, content: Any, *, dry_run: bool = False) -> dict[str, Any]:
    answer = send(client, content, dry_run=dry_run)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def counts(found: dict[str, Any]) -> tuple[int, int, int, int]:
    return found["lines"], found["accepted"], found["duplicates"], found["rejected_total"]


def refusals(found: dict[str, Any]) -> list[tuple[int, str]]:
    return [(each["line"], each["reason"]) for each in found["rejected"]]


moments = st.datetimes(datetime(2017, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC))
around_dst = st.integers(0, 4 * 3_600_000_000 - 1).map(
    lambda us: datetime(2025, 10, 25, 23, tzinfo=UTC) + timedelta(microseconds=us)
)
numbers = st.floats(allow_nan=False, allow_infinity=False)
points = st.lists(
    st.tuples(moments | around_dst, numbers, st.integers(0, 255)), min_size=1, max_size=20, unique_by=lambda p: p[0]
)
zones = st.sampled_from(
    ["UTC", "Europe/Zurich", "America/St_Johns", "Asia/Kathmandu", "Etc/GMT+5", "Australia/Lord_Howe"]
)


@settings(max_examples=60)
@given(points=points, zone=zones, decimal=st.sampled_from(["point", "comma"]), chunk=st.integers(1, 500))
def test_round_trip(
    client: httpx.Client, plant: Plant, points: list[tuple[datetime, float, int]], zone: str, decimal: str, chunk: int
) -> None:
    """What comes out of one event goes into an empty one exactly as it was, however the upload is cut."""
    source, target = plant.event(unit='m³/h; "x", \''), plant.event(unit='m³/h; "x", \'')
    plant.store(source, *points)
    asked: dict[str, str | int] = {"events": source.id, "time_zone": zone, "decimal": decimal}
    exported = client.get("/export/datapoints", params=asked).content
    sent = exported.replace(source.public_id.encode(), target.public_id.encode())
    found = report(client, (sent[at : at + chunk] for at in range(0, len(sent), chunk)))
    assert counts(found) == (len(points), len(points), 0, 0)
    assert plant.stored(target) == plant.stored(source)
    assert [repr(point[1]) for point in plant.stored(target)] == [repr(point[1]) for point in plant.stored(source)]


def test_a_dry_run_says_what_a_real_one_says_and_stores_nothing(client: httpx.Client, plant: Plant) -> None:
    event, other = plant.event(), plant.event()
    archived = plant.event()
    plant.superuser.execute("update private.events set archived_at = now() where id = %s", (archived.id,))
    plant.store(event, ("2026-01-01T00:00:00Z", 1), ("2026-01-01T00:00:01Z", 2))
    content = HEADER + "".join(
        f"{line}\n"
        for line in (
            f"x,{event.public_id},2026-01-01T00:00:00Z,1,°C,192",  # 2: a duplicate
            f"x,{event.public_id},2026-01-01T00:00:01Z,3,°C,192",  # 3
            f"x,{event.public_id},2026-01-01T01:00:02+01:00,3,,",  # 4: new
            f"x,{event.public_id},2026-01-01T00:00:02Z,3,,",  # 5: the same once more
            f"x,{event.public_id},2026-01-01T00:00:02Z,4,,",  # 6
            f"{other.name},,2026-01-01T00:00:02Z,4e0,,",  # 7: by its name
            f"x,{archived.public_id},{T},1,,",  # 8
            f"x,00000000-0000-0000-0000-000000000000,{T},1,,",  # 9
            f"nobody,,{T},1,,",  # 10
            f"x,{event.public_id},1999-01-01T00:00:00Z,1,,",  # 11
            f"x,{event.public_id},2199-01-01T00:00:00Z,1,,",  # 12
            f"x,{event.public_id},{T},1e999,,",  # 13
            f"x,{event.public_id},{T},NaN,,",  # 14
            f"x,{event.public_id},{T},1_000,,",  # 15
            f"x,{event.public_id},2026-01-01,1,,",  # 16
            f"x,{event.public_id},soon,1,,",  # 17
            f"x,{event.public_id},{T},1,,256",  # 18
            f"x,{event.public_id},{T},1,K,",  # 19
            f"x,{event.public_id},{T},1",  # 20
        )
    )
    dry = report(client, content, dry_run=True)
    assert len(plant.stored(event)) == 2
    assert plant.stored(other) == []
    assert counts(dry) == (19, 2, 2, 15)
    assert refusals(dry) == [
        (3, "conflict"),
        (6, "conflict"),
        (8, "disabled"),
        (9, "unknown_event"),
        (10, "unknown_event"),
        (11, "out_of_horizon"),
        (12, "future"),
        (13, "not_finite"),
        (14, "not_finite"),
        (15, "malformed"),
        (16, "malformed"),
        (17, "malformed"),
        (18, "malformed"),
        (19, "wrong_unit"),
        (20, "malformed"),
    ]
    said = {each["line"]: each["message"] for each in dry["rejected"]}
    assert said[9] == "There is no such event_public_id: '00000000-0000-0000-0000-000000000000'."
    assert said[11].startswith("timestamp must be at most 3650 days ago ([ingest] past_days)")
    assert said[12] == "timestamp must be at most 600 s in the future ([ingest] future_seconds)."
    assert said[18] == "quality must be a whole number from 0 to 255."
    assert said[19] == f"unit must be °C, as that of {event.name} is."
    assert report(client, content) == {**dry, "dry_run": False}
    again = report(client, content)
    assert counts(again) == (19, 0, 4, 15)


def test_many_lines(client: httpx.Client, plant: Plant) -> None:
    """More than a batch, and more mistakes than are listed."""
    event = plant.event()
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    lines = [f"{event.public_id},{begin + timedelta(seconds=n)},{n}" for n in range(12_000)]
    wrong = [f"{event.public_id},{begin},wrong"] * 150
    found = report(client, "\n".join(["event_public_id,timestamp,value", *wrong, *lines]))
    assert counts(found) == (12_150, 12_000, 0, 150)
    assert refusals(found) == [(line, "malformed") for line in range(2, 102)]
    assert len(plant.stored(event)) == 12_000


FILES: dict[str, Callable[[Event], bytes]] = {
    "byte order mark": lambda event: f"\ufeff{HEADER}{event.name},{event.public_id},{T},1,,\n".encode(),
    "line ends of Windows": lambda event: f"{HEADER}{event.name},{event.public_id},{T},1,,\n".replace(
        "\n", "\r\n"
    ).encode(),
    "no line end": lambda event: f"{HEADER}{event.name},,{T},1,,".encode(),
    "empty lines": lambda event: f"{HEADER}\n\n{event.name},,{T},1,,\n\n".encode(),
    "another order": lambda event: f"value,timestamp,event\n1,{T},{event.name}\n".encode(),
    "decimal comma": lambda event: f'value;timestamp;event\n"1,0";{T};{event.name}\n'.encode(),
    "all quoted": lambda event: f'"value","timestamp","event"\n"1","{T}","{event.name}"\n'.encode(),
}


@pytest.mark.parametrize("make", FILES.values(), ids=FILES.keys())
def test_forms_of_files(client: httpx.Client, plant: Plant, make: Callable[[Event], bytes]) -> None:
    event = plant.event()
    assert counts(report(client, make(event))) == (1, 1, 0, 0)
    assert [point[1] for point in plant.stored(event)] == [1]


def test_names_of_every_kind(client: httpx.Client, plant: Plant) -> None:
    for name in ("=SUM(A1)", "'=SUM(A1)", 'a "quoted"\nname, of two lines', "of a\rMac", "-x", "''"):
        event = plant.event(name, unit=name)
        plant.store(event, (T, 1))
        exported = client.get("/export/datapoints", params={"events": event.id}).text
        without_id = exported.replace(event.public_id, "")
        assert counts(report(client, without_id)) == (1, 0, 1, 0)


def table(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "The file is empty."),
    "wrong header": (b"a,b,c\n1,2,3\n", "There is no column 'a'."),
    "no header": (f"x,,{T},1,,\n".encode(), "There is no column 'x'."),
    "a column twice": (b"value,value,timestamp\n", "The column value is there twice."),
    "no value": (b"event,timestamp\n", "The column value is missing."),
    "no event": (b"value,timestamp\n", "The column event_public_id or event is missing."),
    "tabs": (b"event\ttimestamp\tvalue\n", "There is no column"),
    "wide layout": (b"timestamp,hot [K]\n", "There is no column 'hot [K]'."),
    "binary": (bytes(range(128, 256)) * 100, "Line 1 cannot be read: this is not text in UTF-8."),
    "binary later": (
        f"{HEADER}x,,{T},1,,\n".encode() + b"\xff\xfe",
        "Line 3 cannot be read: this is not text in UTF-8.",
    ),
    "UTF-16": (HEADER.encode("utf-16"), "Line 1 cannot be read"),
    "a quote in the middle, later": (HEADER.encode() + b"\n" * 9 + b'"x"y,,,,,\n', "Line 11 cannot be read"),
    "half a character": (HEADER.encode() + b"\xc3", "this is not text in UTF-8."),
    "NUL": (HEADER.encode() + b"\0\n", "NUL"),
    "a huge line": (HEADER.encode() + b"x" * 3_000_000, "Line 2 cannot be read: it has more than 65536 characters"),
    "a huge line that ends": (HEADER.encode() + b"x" * 3_000_000 + b"\n", "Line 2 cannot be read"),
    "a quote that is never closed": (HEADER.encode() + b'"' + b"x\n" * 50_001, "a quote is never closed"),
    "a quote in the middle": (HEADER.encode() + b'"x"y,,,,,\n', "Line 2 cannot be read"),
    "gzip": (b"\x1f\x8b\x08\0\0\0\0\0", "Line 1 cannot be read: the file is compressed; unpack it first."),
}


@pytest.mark.parametrize(("content", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files(client: httpx.Client, content: bytes, said: str) -> None:
    answer = send(client, content)
    assert (answer.status_code, set(answer.json())) == (400, SHAPE), answer.text
    assert said in answer.json()["message"]


def test_what_was_stored_before_a_mistake_is_told(client: httpx.Client, plant: Plant) -> None:
    event = plant.event()
    lines = [f"{event.name},,2026-01-01T{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}Z,{n},," for n in range(6000)]
    answer = send(client, (HEADER + "\n".join(lines) + "\n").encode() + b"\xff\n")
    assert answer.status_code == 400
    assert "5000 values stored" in answer.json()["details"]
    assert len(plant.stored(event)) == 5000


def test_the_audit_log_has_a_line_for_a_file(client: httpx.Client, plant: Plant, people: People) -> None:
    event = plant.event()
    content = f"event,timestamp,value\n{event.name},{T},1\n{event.name},{T},2\n"
    newest = "select actor, row_id, new from private.audit_log where table_name = 'datapoints' order by id desc limit 1"
    report(client, content, dry_run=True)
    before = plant.superuser.execute("select count(*) from private.audit_log").fetchone()
    report(client, content)
    line = (people.the("operator").name, "import", {"datapoints": 1, "rejected": 1})
    assert plant.superuser.execute(newest.encode()).fetchone() == line
    report(client, content)  # nothing new
    after = plant.superuser.execute("select count(*) from private.audit_log").fetchone()
    assert before is not None
    assert after == (before[0] + 1,)


def test_refused_before_anything_is_read(client: httpx.Client) -> None:
    answer = client.post("/import/datapoints", content=b"x", headers={"Content-Encoding": "gzip"})
    assert (answer.status_code, set(answer.json())) == (415, SHAPE)
    assert client.post("/import/datapoints", content=b"x", params={"dry_run": "perhaps"}).status_code == 422


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("controller", 403), ("operator", 400), ("admin", 400)])
def test_only_operators(door: Door, people: People, role: str, status: int) -> None:
    answer = door.client.post("/import/datapoints", content=b"x\n", headers=bearer(people.the(role).token))
    assert (answer.status_code, set(answer.json())) == (status, SHAPE)


def test_a_program_of_an_operator_may_and_one_that_only_reads_may_not(door: Door, people: People, plant: Plant) -> None:
    operator, event = people.the("operator"), plant.event()
    content = f"event,timestamp,value\n{event.name},{T},1\n".encode()
    for role, status in (("viewer", 403), ("operator", 200)):
        token = people.api_token(operator.name, role).token
        assert door.client.post("/import/datapoints", content=content, headers=bearer(token)).status_code == status
    assert len(plant.stored(event)) == 1


def test_offsets_of_any_kind(client: httpx.Client, plant: Plant) -> None:
    event = plant.event()
    moment = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    times = [moment.isoformat(), "2026-01-01T15:30:01+00", "2026-01-01 15:30:02.000001Z", "20260101T153003Z"]
    found = report(client, "event,timestamp,value\n" + "".join(f"{event.name},{time},1\n" for time in times))
    assert counts(found) == (4, 4, 0, 0)
    assert [point[0].astimezone(UTC).second for point in plant.stored(event)] == [0, 1, 2, 3]


def test_partitions_that_another_session_has_just_made_are_found(client: httpx.Client, plant: Plant) -> None:
    """While rollups are computed: a session that read the list of partitions meanwhile kept one that missed some."""
    for week in range(60):
        source, target = plant.event(), plant.event()
        plant.store(source, (datetime(2018, 1, 1, tzinfo=UTC) + week * timedelta(weeks=1), 1.0))
        exported = client.get("/export/datapoints", params={"events": source.id}).content
        found = report(client, exported.replace(source.public_id.encode(), target.public_id.encode()))
        assert counts(found) == (1, 1, 0, 0)
