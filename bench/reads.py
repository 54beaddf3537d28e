"""Reading through PostgREST, with one and with twenty million points stored."""

import re
import shutil
import subprocess

import psycopg

from bench.report import Row, middle, runs
from bench.stack import Stack

ROUNDS = 3
SECONDS = 4.0
EVENTS = 100
LATEST_GOAL_MS = 5.0
READS_GOAL = 2500
FILL = """
    insert into private.datapoints (event_id, quality, ts, value)
    select e.id, 192, now() - n * interval '10 seconds', random()
    from generate_series(%s::int, %s::int) n, (select id from private.events order by id limit 100) e
    on conflict do nothing
"""
MAKE_PARTITIONS = """
    select private.make_partitions_for(array(select now() - n * interval '1 day' from generate_series(0, %s) n))
"""
LATEST = """
    insert into private.latest (event_id, quality, ts, value)
    select event_id, 192, max(ts), 1 from private.datapoints group by event_id
    on conflict (event_id) do nothing
"""


def measure(stack: Stack) -> list[Row]:
    """The rows of this group; it fills the database."""
    stack.restart("postgrest")
    reads = [_reads(stack)]
    return reads + [_latest(stack, millions) for millions in (1, 20)]


def _latest(stack: Stack, millions: int) -> Row:
    points = fill(stack, millions)
    found = [_ask(stack, "/latest?select=event_id,ts,value,quality&limit=100") for _ in range(ROUNDS)]
    return Row(
        f"newest values of {EVENTS} events, one client, {points / 1e6:.0f} million points stored",
        f"{LATEST_GOAL_MS:g} ms",
        f"median {runs(found, 1)} ms",
        middle(found) <= LATEST_GOAL_MS,
    )


def _ask(stack: Stack, path: str) -> float:
    port, token = stack.config.postgrest.port, stack.seed.viewer_token
    return float(stack.load("requests", port=port, path=path, token=token, clients=1, seconds=SECONDS)["p50"])


def fill(stack: Stack, millions: int) -> int:
    """Make it so many million points, if there are fewer; partitions for the past are made as the pipeline would."""
    each = millions * 1_000_000 // EVENTS
    with stack.superuser() as connection:
        if _count(connection) < each * EVENTS:
            connection.execute(MAKE_PARTITIONS, [each * 10 // 86_400 + 1])
            connection.execute(FILL, [1, each])
        connection.execute(LATEST)
        connection.execute("vacuum analyze private.datapoints, private.latest")
        return _count(connection)


def _count(connection: psycopg.Connection) -> int:
    row = connection.execute("select count(*) from private.datapoints").fetchone()
    assert row is not None
    return int(row[0])


def _reads(stack: Stack) -> Row:
    """By wrk if it is installed, else by our own client, which costs more itself."""
    name = "authenticated reads/s, PostgREST, one event by id, 8 connections"
    found = [_wrk(stack) if shutil.which("wrk") else _own(stack) for _ in range(ROUNDS)]
    return Row(name, f"{READS_GOAL:,}", runs(found), middle(found) >= READS_GOAL)


def _wrk(stack: Stack) -> float:
    url = f"http://127.0.0.1:{stack.config.postgrest.port}{_one_event(stack)}"
    header = f"Authorization: Bearer {stack.seed.viewer_token}"
    command = ["wrk", "-t1", "-c8", f"-d{SECONDS:.0f}", "-H", header, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec: *([0-9.]+)", said)
    assert rate is not None
    return float(rate[1])


def _own(stack: Stack) -> float:
    port, token = stack.config.postgrest.port, stack.seed.viewer_token
    path = _one_event(stack)
    return float(stack.load("requests", port=port, path=path, token=token, clients=8, seconds=SECONDS)["rate"])


def _one_event(stack: Stack) -> str:
    return f"/events?id=eq.{stack.seed.event_ids[0]}"
