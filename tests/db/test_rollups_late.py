"""Late points of very many hours: each hour costs what is in it, not what was ever measured."""

from datetime import datetime, timedelta

from tests.db.plant import Plant
from tests.support.database import Database

HOURS = 8000
BEGIN = datetime.fromisoformat("2025-01-01T00:00Z")


def test_a_step_ends_although_everything_came_late(fresh_database: Database) -> None:
    """The sidecar has patience for two minutes; compared with all points, these hours took longer."""
    with fresh_database.connect() as superuser:
        event = Plant(superuser).event()
        between = [BEGIN, BEGIN + timedelta(hours=HOURS) - timedelta(minutes=1)]
        superuser.execute(
            "select private.make_partitions(array(select generate_series(%s::timestamptz, %s, '1 day')))", between
        )
        superuser.execute(
            "insert into private.datapoints (event_id, quality, ts, value)"
            " select %s, 192, t, 1 from generate_series(%s::timestamptz, %s, '1 minute') t",
            [event, *between],
        )
        superuser.execute("select private.move_rollups()")
        superuser.execute("update private.settings set computed_to = rolled_to")
        superuser.execute(
            "insert into private.rollup_dirty select %s, t from generate_series(%s::timestamptz, %s, '1 hour') t",
            [event, *between],
        )
        superuser.execute("set statement_timeout = '2min'")
        while superuser.execute("select private.compute_rollups()").fetchone() == (True,):
            pass
        rolled = superuser.execute("select count(*), sum(points) from private.rollup_hours").fetchone()
        assert rolled == (HOURS, HOURS * 60)
