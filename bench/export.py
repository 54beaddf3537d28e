"""A million values as a file: how quickly, at once, in how much memory, and what telemetry notices of it."""

import subprocess
import time
from typing import Any

from bench.report import Row, middle, runs
from bench.stack import Stack, finish, memory_mb
from webmacs.embedded.place import bundled_programs

ROWS = 1_000_000
ROUNDS = 3
SHARE_GOAL = 0.6
FIRST_BYTE_GOAL_MS = 100.0
MOST = 2.0
SECONDS = 6.0

MAKE_PARTITIONS = "select private.make_partitions(array(select generate_series(now() - %s::interval, now(), '1 day')))"
MAKE_POINTS = """
    insert into private.datapoints (event_id, quality, ts, value)
    select %s, 192, now() - n * interval '1 minute', 50 + 40 * sin(n / 5000.0) + random()
    from generate_series(1, %s) n
    on conflict do nothing
"""
# What the file says, by the means of PostgreSQL alone.
COPY = """
    copy (select event, event_public_id, btrim(to_json(ts)::text, '"') as timestamp, value, unit, quality
            from api.measurements where event_id = {event} order by ts) to stdout (format csv, header)
"""


def measure(stack: Stack) -> list[Row]:
    """The rows of this group."""
    event = stack.seed.event_ids[-1]
    with stack.superuser() as connection:
        connection.execute(MAKE_PARTITIONS, [f"{ROWS // 1440 + 7} days"])
        connection.execute(MAKE_POINTS, [event, ROWS])
        connection.execute("vacuum analyze private.datapoints")
    stack.restart("sidecar")
    before = _memory(stack)
    found, copied = [], []
    for _ in range(ROUNDS):
        copied.append(_copy(stack, event))
        found.append(_download(stack, event))
    grown = _memory(stack) - before
    wide = [_download(stack, event, "&layout=wide&grid=60") for _ in range(ROUNDS)]
    packed = [_download(stack, event, "&gzip=true") for _ in range(ROUNDS)]
    return [
        _share(found, copied),
        _first_byte(found),
        _grown(grown),
        _rate("wide, 1 event", wide),
        _rate("gzip", packed),
        _acks(stack, event),
    ]


def _copy(stack: Stack, event: int) -> float:
    command = [str(bundled_programs() / "psql"), stack.config.database.admin_uri, "-qc", COPY.format(event=event)]
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return ROWS / (time.perf_counter() - begin)


def _download(stack: Stack, event: int, more: str = "") -> dict[str, Any]:
    return finish(_begin(stack, event, times=1, more=more))


def _begin(stack: Stack, event: int, times: int, more: str = "") -> subprocess.Popen[str]:
    path = f"/export/datapoints?events={event}{more}"
    port, token = stack.config.server.port, stack.seed.viewer_token
    return stack.begin_load("download", port=port, path=path, token=token, times=times)


def _memory(stack: Stack) -> float:
    return memory_mb(stack.running["sidecar"].pid)


def _share(found: list[dict[str, Any]], copied: list[float]) -> Row:
    rates = [ROWS / run["seconds"] for run in found]
    share = middle(rates) / middle(copied)
    text = f"{share:.2f}; {runs(rates)} against {runs(copied)} rows/s"
    return Row("CSV of 1 million rows: share of psql's COPY of the same", f"{SHARE_GOAL:g}", text, share >= SHARE_GOAL)


def _first_byte(found: list[dict[str, Any]]) -> Row:
    times = [run["first_ms"] for run in found]
    met = middle(times) <= FIRST_BYTE_GOAL_MS
    return Row("CSV of 1 million rows: first byte", f"{FIRST_BYTE_GOAL_MS:g} ms", f"{runs(times, 1)} ms", met)


def _grown(megabytes: float) -> Row:
    return Row("the sidecar's memory after three of them", "does not grow with the size", f"{megabytes:+.1f} MB")


def _rate(name: str, found: list[dict[str, Any]]) -> Row:
    return Row(f"{name}: rows/s", "", runs([ROWS / run["seconds"] for run in found]))


def _acks(stack: Stack, event: int) -> Row:
    calm, busy = [], []
    for _ in range(ROUNDS):
        calm.append(_paced(stack))
        exporting = _begin(stack, event, times=4)
        busy.append(_paced(stack))
        finish(exporting)
    factor = middle(busy) / middle(calm)
    text = f"{factor:.1f} times; {runs(calm, 1)} ms without, {runs(busy, 1)} ms with"
    return Row("an export: 99th percentile of acks at 1 000 points/s", "at most doubled", text, factor <= MOST)


def _paced(stack: Stack) -> float:
    token, events = stack.seed.controller_token, stack.seed.events[:10]
    sent = stack.load(
        "paced", port=stack.config.server.port, token=token, events=events, size=10, rate=100, seconds=SECONDS
    )
    return float(sent["p99"])
