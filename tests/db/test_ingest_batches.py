"""What is stored does not depend on how points are cut into batches, nor on what runs beside."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.db.ingest import Ingest, Point, at
from tests.db.plant import Plant
from tests.support.postgres import Connection
from tests.support.sql import Sql

EVENTS = 3
UNKNOWN = 999_999

# few events, instants and values, so that repetitions and conflicts are common
points = st.lists(
    st.builds(
        Point,
        event=st.sampled_from([0, 1, 2, None, UNKNOWN]),
        value=st.sampled_from([1.0, 2.0, float("nan"), None]),
        ts=st.sampled_from([at(n) for n in range(6)] + ["1970-01-01", "9999-01-01", None]),
        quality=st.sampled_from([192, 0]),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def events(plant: Plant) -> list[int]:
    """The events that are known."""
    return [plant.event() for _ in range(EVENTS)]


def _in_batches(all_points: list[Point], cuts: list[int]) -> list[list[Point]]:
    edges = [0, *sorted(cut % (len(all_points) + 1) for cut in cuts), len(all_points)]
    return [all_points[start:end] for start, end in pairwise(edges)]


def _outcome(connection: Connection, batches: list[list[Point]]) -> tuple[object, ...]:
    """Table, newest values and refusals after these batches on an empty table, which are then undone."""
    ingest, done = Ingest(connection), 0
    refused: dict[int, str] = {}
    with connection.transaction(force_rollback=True):
        for batch in batches:
            refused |= {place + done: reason for place, reason in ingest(*batch).items()}
            done += len(batch)
        table = connection.execute(
            "select event_id, ts, value, quality from private.datapoints order by 1, 2"
        ).fetchall()
        latest = connection.execute("select event_id, ts, value, quality from private.latest order by 1").fetchall()
    return table, latest, refused


@settings(max_examples=80)
@given(points, st.lists(st.integers(0, 100), max_size=6), st.lists(st.integers(0, 100), max_size=6))
def test_any_cut_gives_the_same(
    sql: Sql, events: list[int], some: list[Point], one: list[int], other: list[int]
) -> None:
    known = [replace(point, event=_number(events, point.event)) for point in some]
    assert _outcome(sql.superuser, _in_batches(known, one)) == _outcome(sql.superuser, _in_batches(known, other))


def _number(events: list[int], event: int | None) -> int | None:
    return event if event is None or event == UNKNOWN else events[event]


def test_two_writers_with_shuffled_overlapping_batches(sql: Sql, plant: Plant) -> None:
    """They wait for each other, never in a circle; all points are there, and each is told once that it was stored."""
    events = [plant.event() for _ in range(5)]
    everything = [Point(event, 1.0, at(n)) for event in events for n in range(300)]
    writers = 3
    barrier = Barrier(writers)

    def write(number: int) -> int:
        shuffled = random.Random(number).sample(everything, len(everything))
        ingest = Ingest(sql.as_login("webmacs_sidecar"))
        barrier.wait()
        batches = [shuffled[start : start + 150] for start in range(0, len(shuffled), 150)]
        return sum(len(batch) - len(ingest(*batch)) for batch in batches)

    with ThreadPoolExecutor(writers) as pool:
        stored = sum(pool.map(write, range(writers)))
    counted = sql.superuser.execute("select count(*) from private.datapoints where event_id = any(%s)", (events,))
    assert (stored, counted.fetchone()) == (len(everything), (len(everything),))
    newest = sql.superuser.execute("select ts from private.latest where event_id = any(%s)", (events,)).fetchall()
    assert newest == [(at(299),)] * len(events)


def test_two_writers_of_one_late_partition(sql: Sql, plant: Plant) -> None:
    """Both need a partition that is not there; one makes it."""
    event = plant.event()
    barrier = Barrier(2)

    def write(number: int) -> dict[int, str]:
        ingest = Ingest(sql.as_login("webmacs_sidecar"))
        barrier.wait()
        return ingest(*[Point(event, 1.0, f"2020-0{month}-01T00:00:0{number}Z") for month in range(1, 10)])

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(write, range(2))) == [{}, {}]
