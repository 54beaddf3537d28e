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

EMPTY = "truncate private.datapoints, private.latest"
NOT_ROLLED_UP = """
    truncate private.rollup_dirty, private.rollup_minutes, private.rollup_hours, private.rollup_days;
    update private.settings set rolled_to = '-infinity', computed_to = '-infinity'
"""
MAKE_PARTITIONS = "select private.make_partitions(array(select generate_series(now() - %s::interval, now(), '1 day')))"
# Each event has a point every 63 seconds, a slow wave with some noise; the oldest first, as they would have come.
MAKE_POINTS = """
    insert into private.datapoints (event_id, quality, ts, value)
    select event_id, 192, now() - (%(each)s - n) * (%(span)s::interval / %(each)s),
           50 + 40 * sin(n / 5000.0 + event_id) + random()
    from generate_series(1, %(each)s) n, unnest(%(events)s::int[]) event_id
"""
STEP = "select private.compute_rollups('7 days')"
COUNTED = """
    select (select count(*) from private.datapoints where ts < (select computed_to from private.settings)),
           (select sum(points) from private.rollup_hours)
"""
ASK = "select api.series(%s, now() - %s::interval, now(), 1000)::text"


def measure(stack: Stack) -> list[Row]:
    """The rows of this group. It empties the tables first; what it stores stays, for the groups that follow."""
    empty = _ingest(stack, EMPTY, NOT_ROLLED_UP)
    stack.stop("sidecar")
    with stack.superuser() as connection:
        filling = fill(connection, stack.seed.event_ids[:EVENTS])
        series = [_series(connection, stack.seed.event_ids, *shape) for shape in SERIES]
    stack.start("sidecar")
    full = _ingest(stack)
    catching_up = _ingest(stack, NOT_ROLLED_UP)
    share = middle(full) / middle(empty)
    return [
        *filling,
        *series,
        Row(
            "points/s, frames of 100: share of the rate on an empty table",
            str(INGEST_SHARE_GOAL),
            f"{share:.2f}; {runs(full)} against {runs(empty)}",
            share >= INGEST_SHARE_GOAL,
        ),
        Row(
            "the same while all of it is rolled up from the begin",
            "",
            f"{middle(catching_up) / middle(empty):.2f}; {runs(catching_up)}",
        ),
    ]


def _ingest(stack: Stack, *before: str) -> list[float]:
    """Points a second, after these statements, with a sidecar that was just started."""
    stack.stop("sidecar")
    with stack.superuser() as connection:
        for statement in before:
            connection.execute(statement.encode())
    stack.start("sidecar")
    return [flood(stack, 100, 1, 10) for _ in range(3)]


def fill(connection: psycopg.Connection[tuple[Any, ...]], events: list[int], points: int = POINTS) -> list[Row]:
    """Empty the tables, store so many points and roll them up. The sidecar must not run: it would roll up, too."""
    connection.execute(EMPTY)
    connection.execute(NOT_ROLLED_UP.encode())
    begin = time.perf_counter()
    connection.execute(MAKE_PARTITIONS, [SPAN])
    connection.execute(MAKE_POINTS, {"span": SPAN, "each": points // len(events), "events": events})
    stored = time.perf_counter()
    connection.execute("select private.move_rollups()")
    while connection.execute(STEP).fetchone() == (True,):
        pass
    rolled_up = time.perf_counter()
    stored_points, counted = connection.execute(COUNTED).fetchone() or (0, None)
    assert stored_points == counted, f"{counted} of {stored_points} points are rolled up"
    connection.execute("vacuum analyze")
    return [
        Row(f"storing {points / 1e6:g} million points", "", f"{stored - begin:.0f} s"),
        Row(f"rolling up {points / 1e6:g} million points", "", f"{rolled_up - stored:.0f} s"),
    ]


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
