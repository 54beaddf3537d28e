"""Reading years, and writing beside them: 20 million points of 20 events over two years."""

import time
from typing import Any

import psycopg

from bench.ingest import flood
from bench.report import Row, middle, runs
from bench.stack import Stack

POINTS, EVENTS = 20_000_000, 20
SPAN = "730 days"
ROUNDS = 9
INGEST_SHARE_GOAL = 0.7

# name, events, range, goal of the median in milliseconds
SERIES = [
    ("1 event, two years in 1 000 buckets", 1, "730 days", 25.0),
    ("10 events, a year in 1 000 buckets", 10, "365 days", 120.0),
    ("1 event, the last hour", 1, "1 hour", 10.0),
    ("10 events, the last day in 1 000 buckets", 10, "1 day", None),
    ("10 events, the last week in 1 000 buckets", 10, "7 days", None),
]

MAKE_PARTITIONS = "select private.make_partitions(array(select generate_series(now() - %s::interval, now(), '1 day')))"
# Each event has a point every 63 seconds, a slow wave with some noise.
MAKE_POINTS = """
    insert into private.datapoints (event_id, quality, ts, value)
    select event_id, 192, now() - n * (%s::interval / %s), 50 + 40 * sin(n / 5000.0 + event_id) + random()
    from generate_series(1, %s) n, unnest(%s::int[]) event_id
"""
ASK = "select api.series(%s, now() - %s::interval, now(), 1000)::text"


def measure(stack: Stack) -> list[Row]:
    """The rows of this group. What it stores stays: it comes last."""
    stack.restart("sidecar")
    empty = [flood(stack, 100, 1, 10) for _ in range(3)]
    with stack.superuser() as connection:
        seconds = _fill(connection, stack.seed.event_ids[:EVENTS])
        rows = [_series(connection, stack.seed.event_ids, *shape) for shape in SERIES]
    full = [flood(stack, 100, 1, 10) for _ in range(3)]
    share = middle(full) / middle(empty)
    return [
        Row(f"rolling up {POINTS / 1e6:g} million points", "", f"{seconds:.0f} s"),
        *rows,
        Row(
            "points/s, frames of 100: share of the rate on an empty table",
            str(INGEST_SHARE_GOAL),
            f"{share:.2f}; {runs(full)} against {runs(empty)}",
            share >= INGEST_SHARE_GOAL,
        ),
    ]


def _fill(connection: psycopg.Connection[tuple[Any, ...]], events: list[int]) -> float:
    """Seconds that rolling up took."""
    each = POINTS // EVENTS
    connection.execute(MAKE_PARTITIONS, [SPAN])
    connection.execute(MAKE_POINTS, [SPAN, each, each, events])
    begin = time.perf_counter()
    connection.execute("select private.move_rollups()")
    while connection.execute("select private.compute_rollups('7 days')").fetchone() == (True,):
        pass
    seconds = time.perf_counter() - begin
    connection.execute("vacuum analyze")
    return seconds


def _series(
    connection: psycopg.Connection[tuple[Any, ...]],
    ids: list[int],
    name: str,
    events: int,
    span: str,
    goal: float | None,
) -> Row:
    milliseconds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        connection.execute(ASK, [ids[:events], span])
        milliseconds.append((time.perf_counter() - begin) * 1000)
    met = None if goal is None else middle(milliseconds) <= goal
    return Row(f"series of {name}", "" if goal is None else f"{goal:g} ms", f"{runs(milliseconds, 1)} ms", met)
