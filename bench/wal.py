"""Bytes of write-ahead log of a point, and what rollups add: small computers live on flash.

An hour of events that are measured every second, each second a batch, with a checkpoint every quarter as in production.
"""

from typing import Any

import psycopg

from bench.report import Row
from bench.stack import Stack

EVENTS, SECONDS = 100, 3600
CHECKPOINT_SECONDS = 900
NOW = "(date_trunc('hour', now()) + make_interval(hours => %(hour)s, secs => %(second)s))"

EMPTY = """
    truncate private.datapoints, private.latest, private.rollup_dirty,
             private.rollup_minutes, private.rollup_hours, private.rollup_days;
    update private.settings set rolled_to = '-infinity', computed_to = '-infinity'
"""
INGEST = f"""
    select count(*) from private.ingest(
        array_fill(null::int, array[%(events)s]), %(ids)s::int[], array_fill(192::smallint, array[%(events)s]),
        array_fill({NOW}, array[%(events)s]), array(select random() from unnest(%(ids)s::int[])))
"""
READ = "select sum(value) from private.datapoints"
ROLL_UP = """
    do $$ begin
        perform private.move_rollups();
        while private.compute_rollups() loop commit; end loop;
    end $$
"""
MAKE_ALTERNATIVE = "create table public.bench_minutes (like private.rollup_minutes including all)"
# What was not chosen: minutes that every batch keeps up.
UPSERT = f"""
    insert into public.bench_minutes as m
    select id, 192, date_trunc('minute', {NOW}), 1, 1, 1, 1, 1, 1, {NOW}, {NOW} from unnest(%(ids)s::int[]) id
    on conflict (event_id, bucket) do update set
        points = m.points + excluded.points, sum = m.sum + excluded.sum,
        min = least(m.min, excluded.min), max = greatest(m.max, excluded.max), last = excluded.last,
        last_at = excluded.last_at, worst_quality = least(m.worst_quality, excluded.worst_quality)
"""


def measure(stack: Stack) -> list[Row]:
    """The rows of this group. It empties the tables first."""
    stack.stop("sidecar")
    ids = stack.seed.event_ids[:EVENTS]
    with stack.superuser() as connection:
        connection.execute(EMPTY)
        ingested = _an_hour(connection, INGEST, ids, -2)
        read = _once(connection, READ)
        rolled_up = _once(connection, ROLL_UP)
        late = _an_hour(connection, INGEST, ids, -3) + _once(connection, READ) + _once(connection, ROLL_UP)
        connection.execute(MAKE_ALTERNATIVE)
        upserted = _an_hour(connection, UPSERT, ids, -2)
        connection.execute("drop table public.bench_minutes")
    stack.start("sidecar")
    return [
        _row("bytes of write-ahead log of a point: ingest", ingested),
        _row("reading it first, whoever does: PostgreSQL notes that it is committed", read),
        _row("rolling it up, an hour at once", rolled_up),
        _row("all three for a point that comes when its hour is rolled up", late),
        _row("what was not chosen: its minute kept up with every batch", upserted),
    ]


def _row(measure: str, written: int) -> Row:
    return Row(measure, "", f"{written / EVENTS / SECONDS:.1f}")


def _an_hour(connection: psycopg.Connection[tuple[Any, ...]], statement: str, ids: list[int], hour: int) -> int:
    """Bytes written while this is done every second of an hour from the present one."""
    begin = _written(connection)
    for second in range(SECONDS):
        if second % CHECKPOINT_SECONDS == 0:
            connection.execute("checkpoint")
        connection.execute(statement.encode(), {"events": len(ids), "ids": ids, "hour": hour, "second": second})
    return _written(connection) - begin


def _once(connection: psycopg.Connection[tuple[Any, ...]], statement: str) -> int:
    connection.execute("checkpoint")
    begin = _written(connection)
    connection.execute(statement.encode())
    return _written(connection) - begin


def _written(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    (position,) = connection.execute("select pg_current_wal_insert_lsn() - '0/0'").fetchone() or (0,)
    return int(position)
