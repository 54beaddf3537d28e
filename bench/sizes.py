"""PostgreSQL in the memory of a small machine, with our settings for it and with others: why ours are what they are.

A control group bounds all that its server may use, page cache included. The sidecar and the load are outside of it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from bench import history
from bench.ingest import flood
from bench.report import Row, middle, runs
from bench.stack import Stack
from webmacs.embedded.sizing import GB, settings

POINTS, EVENTS = int(os.environ.get("BENCH_SIZES_POINTS", str(history.POINTS))), history.EVENTS
DISK = 100 * GB
ROUNDS = 3
CONTROL = Path("/sys/fs/cgroup/memory")
YEAR = "select api.series(%s, now() - interval '365 days', now(), 1000)::text"
# Raw points of a quarter, which no rollup helps to read: more than a small cache holds.
QUARTER = "select sum(value) from private.datapoints where event_id = any (%s) and ts > now() - interval '91 days'"
# What of ours is tried against: PostgreSQL's own, and a quarter of the memory, as is often said.
OTHERS = {
    "PostgreSQL's own": {"shared_buffers": "128MB", "work_mem": "4MB", "max_wal_size": "1GB"},
    "a quarter of the memory": {"shared_buffers": "{quarter}MB"},
}


def measure(stack: Stack) -> list[Row]:
    """The rows of this group. It empties the tables first."""
    if not os.access(CONTROL, os.W_OK):
        return [Row("sizes", "", "not measured: no control group (version 1) of memory may be made here")]
    stack.stop("sidecar")
    with stack.superuser() as connection:
        history.fill(connection, stack.seed.event_ids[:EVENTS], POINTS)
    stack.start("sidecar")
    return [row for gigabytes in (1, 4, 16) for row in _machine(stack, gigabytes)]


def _machine(stack: Stack, gigabytes: int) -> Iterator[Row]:
    ours = settings(gigabytes * GB, DISK)
    # what the sidecars, PostgREST, Apache and the system take is not PostgreSQL's
    limit = gigabytes * GB - GB // 2
    for name, other in {"ours": {}, **OTHERS}.items():
        chosen = ours | {key: value.format(quarter=gigabytes * 256) for key, value in other.items()}
        with _running(stack, chosen, limit) as group:
            name = f"{gigabytes} GB, {name}: shared_buffers {chosen['shared_buffers']}"
            row = Row(name, "", _figures(stack, group))
        print(f"{row.measure}: {row.found}", flush=True)  # all of it takes a while
        yield row


def _figures(stack: Stack, group: Path) -> str:
    events = stack.seed.event_ids
    with stack.superuser() as connection:
        cold = _milliseconds(connection, QUARTER, events[:EVENTS])
        again = [_milliseconds(connection, QUARTER, events[:EVENTS]) for _ in range(ROUNDS)]
        year = [_milliseconds(connection, YEAR, events[:10]) for _ in range(ROUNDS + 2)]
    stack.start("sidecar")
    rates = [flood(stack, 100, 1, 500) for _ in range(ROUNDS)]
    most = int((group / "memory.max_usage_in_bytes").read_text())
    failed = int((group / "memory.failcnt").read_text())
    return (
        f"ingest {runs(rates)} points/s; a year of 10 events {middle(year):.0f} ms; a quarter of raw points of"
        f" {EVENTS} first {cold:,.0f}, then {runs(again)} ms; memory {most / GB:.2f} GB, at its bound {failed:,} times"
    )


@contextmanager
def _running(stack: Stack, chosen: dict[str, str], limit: int) -> Iterator[Path]:
    """PostgreSQL with these settings, in a group of so many bytes; afterwards as before. The cache of files begins
    empty."""
    stack.stop("sidecar")
    with stack.superuser() as connection:
        for name, value in chosen.items():
            connection.execute(f"alter system set {name} = '{value}'".encode())
    stack.stop("postgres")
    group = CONTROL / f"webmacs-bench-{os.getpid()}"
    group.mkdir()
    (group / "memory.limit_in_bytes").write_text(str(limit))
    _forget_cache()
    server = stack.start("postgres")
    try:
        for process in [psutil.Process(server.pid), *psutil.Process(server.pid).children()]:
            with suppress(ProcessLookupError):  # one that was only started to find its work done
                (group / "cgroup.procs").write_text(str(process.pid))
        yield group
    finally:
        with stack.superuser() as connection:
            connection.execute("alter system reset all")
        if "sidecar" in stack.running:
            stack.stop("sidecar")
        stack.restart("postgres")
        stack.start("sidecar")
        _forget_cache()
        (group / "memory.force_empty").write_text("0")
        group.rmdir()


def _forget_cache() -> None:
    os.sync()
    Path("/proc/sys/vm/drop_caches").write_text("1")


def _milliseconds(connection: psycopg.Connection, statement: str, events: list[int]) -> float:
    begin = time.perf_counter()
    connection.execute(statement.encode(), [events]).fetchall()
    return (time.perf_counter() - begin) * 1000
