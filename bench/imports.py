"""Values from a file: checked, stored and stored once more, and what telemetry notices of it."""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.report import Row, middle, runs
from bench.stack import Stack, finish, memory_mb

ROWS = 300_000
ROUNDS = 3
SECONDS = 6.0

WRITE = """
    copy (select {event} as event_public_id, to_json(now() - n * interval '1 minute') #>> '{{}}' as timestamp,
                 50 + 40 * sin(n / 5000.0) + n / 1e7 as value
            from generate_series({rows}, 1, -1) n) to stdout (format csv, header)
"""
EMPTY = "delete from private.datapoints where event_id = %s"


def measure(stack: Stack) -> list[Row]:
    """The rows of this group. It empties one event, and leaves it empty."""
    event, public_id = stack.seed.event_ids[-2], stack.seed.events[-2]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "values.csv"
        _write(stack, public_id, file)
        stack.restart("sidecar")
        before = memory_mb(stack.running["sidecar"].pid)
        _empty(stack, event)
        checked = [_rate(stack, file, "?dry_run=true") for _ in range(ROUNDS)]
        stored, repeated = [], []
        for _ in range(ROUNDS):
            _empty(stack, event)
            stored.append(_rate(stack, file))
            repeated.append(_rate(stack, file))
        grown = memory_mb(stack.running["sidecar"].pid) - before
        _empty(stack, event)
        acks = _acks(stack, lambda: _begin(stack, file))
    _empty(stack, event)
    return [
        Row("CSV of 300 000 rows, dry run: rows/s", "", runs(checked)),
        Row("CSV of 300 000 rows: rows/s", "", runs(stored)),
        Row("the same once more: rows/s", "", runs(repeated)),
        Row("the sidecar's memory after nine of them", "does not grow with the size", f"{grown:+.1f} MB"),
        acks,
    ]


def _write(stack: Stack, public_id: str, file: Path) -> None:
    with stack.superuser() as connection, file.open("wb") as stream:
        statement = WRITE.format(event=f"'{public_id}'", rows=ROWS)
        with connection.cursor().copy(statement.encode()) as lines:
            for line in lines:
                stream.write(line)


def _empty(stack: Stack, event: int) -> None:
    with stack.superuser() as connection:
        connection.execute(EMPTY, [event])
        connection.execute("vacuum private.datapoints")


def _begin(stack: Stack, file: Path, more: str = "") -> subprocess.Popen[str]:
    token = stack.seed.operator_token
    return stack.begin_load(
        "upload", port=stack.config.server.port, path=f"/import/datapoints{more}", token=token, file=str(file)
    )


def _rate(stack: Stack, file: Path, more: str = "") -> float:
    found = finish(_begin(stack, file, more))
    if found["report"]["rejected_total"]:
        raise RuntimeError(found["report"]["rejected"][0])
    return float(ROWS / found["seconds"])


def _acks(stack: Stack, begin: Callable[[], subprocess.Popen[str]]) -> Row:
    calm, busy = [], []
    for _ in range(ROUNDS):
        calm.append(_paced(stack))
        importing = begin()
        busy.append(_paced(stack))
        finish(importing)
    factor = middle(busy) / middle(calm)
    text = f"{factor:.1f} times; {runs(calm, 1)} ms without, {runs(busy, 1)} ms with"
    return Row("an import: 99th percentile of acks at 1 000 points/s", "", text)


def _paced(stack: Stack) -> float:
    token, events = stack.seed.controller_token, stack.seed.events[:10]
    sent: dict[str, Any] = stack.load(
        "paced", port=stack.config.server.port, token=token, events=events, size=10, rate=100, seconds=SECONDS
    )
    return float(sent["p99"])
