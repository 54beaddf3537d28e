"""What psycopg alone reaches with private.ingest: one connection, one call for each frame, no WebSocket, no JSON."""

import json
import sys
import time

import psycopg

from webmacs.datapoints.pgarrays import float8_array, int2_array, int4_array, register_columns, timestamptz_array

INGEST = "select ordinal, reason from private.ingest(%s, %s, %s, %s, %s)"
# An hour and a half ago: not what the frames of the same run say.
TIMES_US = 5_400_000_000
STEP_US = 4


def main(uri: str, source: int, event_ids: list[int], size: int, seconds: float) -> None:
    """Prints points a second."""
    with psycopg.connect(uri, autocommit=True) as connection:
        register_columns(connection)
        cursor = connection.cursor(binary=True)
        start, stored = time.time_ns() // 1000 - TIMES_US, 0
        begin = time.perf_counter()
        while time.perf_counter() - begin < seconds:
            refused = cursor.execute(
                INGEST, columns(source, event_ids, size, start + STEP_US * stored), prepare=True
            ).fetchall()
            assert not refused, refused[:3]
            stored += size
        print(json.dumps({"rate": stored / (time.perf_counter() - begin)}))


def columns(source: int, event_ids: list[int], size: int, start_us: int) -> tuple[bytes, ...]:
    """The rows that Frames sends too."""
    return (
        int4_array([source] * size),
        int4_array([event_ids[point % len(event_ids)] for point in range(size)]),
        int2_array([192] * size),
        timestamptz_array([start_us + STEP_US * point for point in range(size)]),
        float8_array([20 + point % 1000 / 10 for point in range(size)]),
    )


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
