"""Memory of the sidecar, and bytes on disk of a point."""

from bench.ingest import flood
from bench.report import Row
from bench.stack import Stack, memory_mb

POINTS = 1_000_000
IDLE_GOAL_MB, BUSY_GOAL_MB, BYTES_GOAL = 90, 130, 95
SIZE = "select sum(pg_total_relation_size(inhrelid)), (select count(*) from private.datapoints)"
SIZE += " from pg_inherits where inhparent = 'private.datapoints'::regclass"


def measure(stack: Stack) -> list[Row]:
    """The rows of this group. It empties the table first, so that nothing else is measured."""
    with stack.superuser() as connection:
        connection.execute("truncate private.datapoints, private.latest")
        stack.restart("sidecar")
        idle = memory_mb(stack.running["sidecar"].pid)
        stored = 0
        while stored < POINTS:
            flood(stack, 100, 1, 10)
            size, stored = connection.execute(SIZE).fetchone() or (0, 0)
    busy = memory_mb(stack.running["sidecar"].pid)
    each = float(size) / stored
    return [
        Row("memory of the sidecar, idle", f"{IDLE_GOAL_MB} MB", f"{idle:.0f} MB", idle <= IDLE_GOAL_MB),
        Row("after a million points", f"{BUSY_GOAL_MB} MB", f"{busy:.0f} MB", busy <= BUSY_GOAL_MB),
        Row("bytes of a stored point, index included", f"{BYTES_GOAL}", f"{each:.0f}", each <= BYTES_GOAL),
    ]
