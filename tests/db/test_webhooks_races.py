"""Webhooks come and go while values arrive and sidecars deliver: nobody waits for each other, nobody is refused."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import psycopg

from tests.db.hooks import Hooks
from tests.db.ingest import at
from tests.db.plant import Plant
from tests.support.postgres import Connection
from tests.support.sql import Sql

ROUNDS = 30
ADD = (
    "insert into private.webhooks (name, url, secret, types, reading_interval_seconds)"
    " select 'racing ' || i, 'https://a.org/', private.new_webhook_secret(), '{alarm.*,sensor.*}', 0.1"
    " from generate_series(1, 5) i on conflict do nothing"
)
EMIT = "select private.emit(%s, %s, %s, %s, '{null,null}')"


def _measure(connection: Connection, events: list[int], place: int) -> None:
    connection.execute(
        "select private.webhook_readings(%s, array_fill(%s::timestamptz, array[2]), '{1,2}', '{1,2}')",
        (events, at(place)),
    )


def _emit(connection: Connection, events: list[int], place: int) -> None:
    connection.execute(EMIT, (["alarm.raised"] * 2, events, ["high"] * 2, [at(place)] * 2))


def _deliver(connection: Connection, _: list[int], place: int) -> None:
    claimed = connection.execute("select id, attempt from private.claim_deliveries(20, 30)").fetchall()
    results = [{"id": number, "attempt": attempt, "status": (200, 500)[place % 2]} for number, attempt in claimed]
    connection.execute("select private.finish_deliveries(%s)", (json.dumps(results),))


def _replace(connection: Connection, _: list[int], place: int) -> None:
    connection.execute("delete from private.webhooks where name = %s", (f"racing {place % 5 + 1}",))
    connection.execute(ADD.encode())


def test_nobody_is_refused(hooks: Hooks, plant: Plant, sql: Sql) -> None:
    hooks.superuser.execute(ADD.encode())
    events = [plant.event(), plant.event()]
    works: list[Callable[[Connection, list[int], int], None]] = [_measure, _emit, _deliver, _deliver, _replace]
    connections = [sql.as_login("postgres") for _ in works]
    start, failed = Barrier(len(works)), Event()

    def run(place: int) -> None:
        start.wait()
        for number in range(ROUNDS):
            if failed.is_set():
                return
            try:
                works[place](connections[place], events, number)
            except psycopg.Error:
                failed.set()
                raise

    with ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(run, place) for place in range(len(works))]:
            done.result()
