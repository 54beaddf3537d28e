"""Whoever reads, writes or measures while retention works: nobody waits longer than its lock_timeout."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.db.ingest import Ingest, Point
from tests.db.plant import Plant
from tests.db.retention import DAY, Past
from tests.support.database import Database
from tests.support.postgres import Connection
from webmacs.config import Config
from webmacs.history import dropping
from webmacs.history.retention import connect

SECONDS = 30
MOMENT = "500ms"
PENDING = "select count(*)::int from private.history_partitions() where pending"
COUNT = "select count(*) from private.datapoints"


@pytest.fixture
def past(fresh_database: Database) -> Iterator[Past]:
    """Of which everything older than 30 days is decided to go."""
    made = Past(fresh_database, days=50)
    made.policy("raw", age_days=30)
    yield made
    made.superuser.close()
    made.send.connection.close()


@pytest.fixture
def config(fresh_database: Database, tmp_path: Path) -> Config:
    return fresh_database.config(tmp_path)


def _run(config: Config) -> dropping.Outcome:
    async def run() -> dropping.Outcome:
        async with await connect(config) as connection:
            return await dropping.run(connection, partial(asyncio.sleep, 0))

    return asyncio.run(run())


def _reader(past: Past, isolation: str = "read committed") -> Connection:
    """Somebody who has begun a long export."""
    connection = past.database.connect()
    connection.execute(f"begin isolation level {isolation}".encode())
    connection.execute(COUNT.encode())
    return connection


def _wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read"])
def test_a_long_export_is_left_alone_and_measuring_goes_on(isolation: str, past: Past, config: Config) -> None:
    reader = _reader(past, isolation)
    before = reader.execute(COUNT.encode()).fetchone()

    outcome = _run(config)
    assert outcome.dropped == []
    assert outcome.waiting
    assert past.one(PENDING) == 1
    # what is written, read and made meanwhile waits for nobody
    past.superuser.execute("set lock_timeout = '100ms'")
    past.send.connection.execute("set lock_timeout = '100ms'")
    assert past.send(Point(past.event, 0.5, past.now + timedelta(seconds=60))) == {}
    assert past.send(Point(past.event, 0.5, past.partitions()[0][0])) == {1: "out_of_horizon"}
    assert past.send(Point(past.event, 0.5, past.now - 500 * DAY)) == {}  # a partition is made
    past.series(past.now - 50 * DAY, past.now, 1000)
    if isolation == "repeatable read":
        assert reader.execute(COUNT.encode()).fetchone() == before

    assert _run(config).dropped == []
    reader.execute("rollback")
    assert set(outcome.waiting) < set(_run(config).dropped)
    assert past.one(PENDING) == 0


def test_an_open_batch_is_not_waited_for_by_others(past: Past, config: Config) -> None:
    """Somebody has ingested in a transaction that does not end."""
    other = Plant(past.superuser).event()
    open_batch = past.database.connect()
    with open_batch.transaction(force_rollback=True):
        open_batch.execute("select * from private.ingest('{null}', %s, '{192}', %s, '{1}')", ([past.event], [past.now]))
        assert _run(config) == dropping.Outcome([], [], [dropping.KEPT_OFF])
        past.send.connection.execute("set lock_timeout = '100ms'")
        assert past.send(Point(other, 0.5, past.now)) == {}
    assert _run(config).dropped


def test_a_step_of_rollups_is_waited_for_and_not_taken_for_an_end(past: Past, config: Config) -> None:
    """Both begin when a sidecar starts: retention is tried again soon, and not after the pause of what is done."""
    with past.database.connect() as rollups, rollups.transaction(force_rollback=True):
        rollups.execute("select pg_advisory_xact_lock(hashtext('private.compute_rollups'))")
        assert _run(config) == dropping.Outcome([], [], [dropping.KEPT_OFF])
    assert _run(config).dropped


def test_two_at_once(past: Past, config: Config) -> None:
    async def both() -> list[dropping.Outcome]:
        connections = [await connect(config), await connect(config)]
        try:
            for connection in connections:
                await dropping.decide(connection)
            return await asyncio.gather(*map(dropping.carry_out, connections))
        finally:
            for connection in connections:
                await connection.close()

    outcomes = asyncio.run(both())
    assert sum(bool(outcome.dropped) for outcome in outcomes) == 1
    assert past.one("select count(*) from private.expiry_statements()") == 0


def test_killed_in_the_middle_of_a_detach(past: Past, config: Config) -> None:
    """Whoever detaches waits for the reader, and is killed; the next run finishes what was begun."""
    reader = _reader(past)
    past.expire()
    statement = past.one("select statement from private.expiry_statements()")
    assert statement.endswith(" concurrently")
    program = "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute(sys.argv[2])"
    child = subprocess.Popen([sys.executable, "-c", program, past.database.uri("postgres"), statement])
    _wait_until(lambda: past.one(PENDING))
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    past.superuser.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query = %s",
        (statement,),
    )
    assert past.one("select statement from private.expiry_statements()").endswith(" finalize")

    reader.execute("rollback")
    assert _run(config).dropped
    assert past.one("select count(*) from private.expiry_statements()") == 0
    assert past.partitions()[0][1] > past.now - 30 * DAY


def test_whoever_writes_late_is_seen_before_what_is_written_to_goes(past: Past) -> None:
    """A late point commits while it is being decided: either it is refused, or the decision waits."""
    late = past.database.connect()
    late.execute("begin")
    late.execute(
        "select * from private.ingest('{null}', %s, '{192}', %s, '{1}')",
        ([past.event], [past.now - 50 * DAY + timedelta(seconds=5)]),
    )
    with pytest.raises(psycopg.errors.LockNotAvailable):
        past.expire()
    late.execute("commit")
    first = past.partitions()[0]
    assert past.expire()
    past.drop()
    assert past.partitions()[0] == first
    past.roll_up()
    past.superuser.execute("delete from private.late_days")
    assert past.expire()


def test_measuring_never_waits_longer_than_a_moment(past: Past, config: Config) -> None:
    """Two batches after another, all the while that is decided, detached and dropped beside a reader."""
    reader = _reader(past)
    done = threading.Event()

    def measure(event: int) -> int:
        count = 0
        with past.database.connect("webmacs_sidecar") as connection:
            connection.execute(f"set lock_timeout = '{MOMENT}'".encode())
            while not done.is_set():
                count += 1
                assert Ingest(connection)(Point(event, 0.5, past.now + timedelta(milliseconds=count))) == {}
        return count

    with ThreadPoolExecutor(2) as threads:
        batches = [threads.submit(measure, event) for event in (past.event, Plant(past.superuser).event())]
        try:
            assert _run(config).waiting
            assert _run(config).waiting
            reader.execute("rollback")
            assert _run(config).dropped
        finally:
            done.set()
        assert all(batch.result() > 0 for batch in batches)
