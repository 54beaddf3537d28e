"""The sidecars keep rollups up."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.db.ingest import Ingest, Point
from tests.db.plant import Plant
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

SECONDS = 150  # twice as long as the pause between two runs
DONE = """
    select s.computed_to = s.rolled_to and isfinite(s.rolled_to) and not exists (select from private.rollup_dirty)
    from private.settings s
"""
TELL = (
    "create function tell() returns trigger language plpgsql as 'begin notify rolled; return null; end'",
    "create trigger tell after update of computed_to on private.settings execute function tell()",
    "create trigger tell after delete on private.rollup_dirty execute function tell()",
    "listen rolled",
)
COUNTS = """
    select (select sum(points) from private.rollup_hours), (select sum(points) from private.rollup_minutes),
           (select count(*) from private.datapoints where ts < private.hour_of(now()))
"""


@pytest.fixture(scope="module")
def watcher(sql: Sql) -> Sql:
    for statement in TELL:
        sql.superuser.execute(statement.encode())
    return sql


def _wait_until_done(sql: Sql) -> None:
    deadline = time.monotonic() + SECONDS
    while sql.superuser.execute(DONE).fetchone() != (True,):
        assert time.monotonic() < deadline
        list(sql.superuser.notifies(timeout=1, stop_after=1))


def _counts(sql: Sql) -> tuple[int, int, int]:
    hours, minutes, raw = sql.superuser.execute(COUNTS).fetchone() or (0, 0, 0)
    return int(hours), int(minutes or 0), int(raw)


def test_two_sidecars_catch_up_and_take_what_came_late(config: Config, watcher: Sql) -> None:
    event = Plant(watcher.superuser).event()
    ingest = Ingest(watcher.superuser)
    begin = datetime.now(UTC) - timedelta(days=3)
    ingest(*[Point(event, 1.0, begin + timedelta(minutes=minute)) for minute in range(3 * 24 * 60 - 120)])
    other = replace(config, server=replace(config.server, port=free_port()))
    with running_sidecar(config), running_sidecar(other):
        _wait_until_done(watcher)
    hours, minutes, raw = _counts(watcher)
    assert (hours, minutes) == (raw, 0)

    ingest(*[Point(event, 2.0, begin + timedelta(seconds=second + 0.5)) for second in range(200)])
    assert watcher.superuser.execute("select count(*) > 0 from private.rollup_dirty").fetchone() == (True,)
    with running_sidecar(config):
        _wait_until_done(watcher)
    hours, minutes, raw = _counts(watcher)
    assert hours == raw
    assert minutes > 0
