"""Whatever is killed in the middle of rolling up: afterwards rollups are what their raw points come to."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.db.plant import Plant
from tests.faults.installation import Installation
from tests.support.postgres import Connection
from tests.support.rollups import different

DAYS, EVENTS, TIMES = 6, 10, 3
PATIENCE = 120
AT_WORK = """
    select from pg_stat_activity where query like 'select private.compute_rollups(%' and state = 'active'
    and datname = current_database() and backend_xid is not null
"""
DONE = """
    select s.computed_to = s.rolled_to and isfinite(s.rolled_to) and not exists (select from private.rollup_dirty)
    from private.settings s
"""
# Without ingest, which would take longer: nothing is rolled up yet, so nothing has to be marked.
FILL = """
    insert into private.datapoints (event_id, quality, ts, value)
    select event_id, 192, ts, random()
    from generate_series(%(from)s::timestamptz, %(to)s, '10 seconds') ts, unnest(%(events)s::int[]) event_id
"""
FORGET = """
    truncate private.rollup_dirty, private.rollup_minutes, private.rollup_hours, private.rollup_days;
    update private.settings set rolled_to = '-infinity', computed_to = '-infinity'
"""


def _sidecar(installation: Installation) -> None:
    installation.sidecar.kill()


def _postgres(installation: Installation) -> None:
    installation.kill_postgres()
    installation.sidecar.kill()


@pytest.mark.parametrize("kill", [_sidecar, _postgres])
def test_in_the_middle_of_an_outage_that_is_caught_up(
    kill: Callable[[Installation], None], installation: Installation
) -> None:
    installation.sidecar.kill()
    with installation.database.connect() as connection:
        _measure(connection)
    for _ in range(TIMES):
        installation.sidecar.start()
        with installation.database.connect() as connection:
            _wait_until(connection, AT_WORK)
        kill(installation)
    installation.sidecar.start()
    with installation.database.connect() as connection:
        _wait_until(connection, f"select from ({DONE}) as done (done) where done")
        assert different(connection) == {}
        assert connection.execute("select sum(points) > 0 from private.rollup_days").fetchone() == (True,)


def _measure(connection: Connection) -> None:
    """Days of which nothing is rolled up."""
    now = datetime.now(UTC)
    begin = now - timedelta(days=DAYS)
    events = [Plant(connection).event(f"{kind} {now}") for kind in range(EVENTS)]
    days = "select private.make_partitions(array(select generate_series(%s::timestamptz, %s, '1 day')))"
    connection.execute(days.encode(), (begin, now))
    connection.execute(FORGET.encode())
    connection.execute(FILL.encode(), {"from": begin, "to": now, "events": events})


def _wait_until(connection: Connection, something: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while connection.execute(something.encode()).fetchone() is None:
        assert time.monotonic() < deadline, something
        time.sleep(0.002)
