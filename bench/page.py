"""The page: a dashboard with 12 live curves at 10 Hz, in Chromium. BENCH_PAGE_SECONDS measures for longer."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from bench.report import Row, middle, runs
from bench.seed import PASSWORD
from bench.stack import ROOT, Stack, finish

CURVES = 12
HERTZ = 10.0
SECONDS = float(os.environ.get("BENCH_PAGE_SECONDS", "20"))
ROUNDS = 3 if SECONDS < 120 else 1
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
# signing in and settling take a while before it is measured
AROUND = 60.0
MAKE = """
    insert into private.dashboards (name, shared, widgets) values ('bench', true, %s)
    returning public_id::text
"""
# what the curves show when the page is opened: five minutes, as if they had always been measured
PAST = """
    select private.ingest(null, array_agg(e.id), array_agg(192::smallint), array_agg(t.at),
                          array_agg(50 + 40 * sin(t.n)))
      from unnest(%s::int[]) as e (id),
           (select n, now() - n * interval '0.1 seconds' from generate_series(1, 3000) n) as t (n, at)
"""
# by these many pixels a page has to be scrolled until none of its curves is seen
BLANK_ROWS = 50


def measure(stack: Stack) -> list[Row]:
    """What it costs while it is seen, and while it is not."""
    if not (Path(CHROMIUM).exists() and (ROOT / "frontend/dist/index.html").is_file()):
        return [Row("the page: 12 live curves", "", "not measured: Chromium or frontend/dist is missing")]
    stack.restart("sidecar")
    path = f"/dashboards/{_dashboard(stack)}"
    found = [_round(stack, path) for _ in range(ROUNDS)]
    return [
        _cost("12 visible curves at 10 Hz: task time of the renderer in a second", 0.25, found, "visible"),
        _drawings("12 visible curves at 10 Hz: drawings of one in a second", 4.2, found, "visible"),
        _messages("the same: messages with values in a second", found),
        _cost("the same scrolled out of sight: task time", 0.25, found, "hidden"),
        _drawings("the same scrolled out of sight: drawings", 0.0, found, "hidden"),
        _heap(found),
    ]


def _cost(name: str, goal: float, found: list[dict[str, Any]], when: str) -> Row:
    tasks = [run[when]["task"] for run in found]
    parts = ", ".join(f"{part} {middle([run[when][part] for run in found]):.3f}" for part in ("script", "layout"))
    return Row(name, f"{goal:g} s", f"{runs(tasks, 3)} s; {parts}", middle(tasks) < goal)


def _drawings(name: str, goal: float, found: list[dict[str, Any]], when: str) -> Row:
    each = [run[when]["drawings"] for run in found]
    return Row(name, f"{int(goal)}", runs(each, 1), max(each) <= goal)


def _messages(name: str, found: list[dict[str, Any]]) -> Row:
    """That values came for the whole time, or nothing of the rest means anything."""
    each = [run["visible"]["messages"] for run in found]
    return Row(name, f"{HERTZ:g}", runs(each, 1), min(each) > 0.9 * HERTZ)


def _heap(found: list[dict[str, Any]]) -> Row:
    text = ", ".join(f"{run['heap_before']:.1f} to {run['heap_after']:.1f}" for run in found)
    grown = middle([run["heap_after"] - run["heap_before"] for run in found])
    name = f"memory of its scripts in MB, before and after {SECONDS:g} s"
    return Row(name, "level", f"{text}; {grown:+.1f}", grown < 2)


def _dashboard(stack: Stack) -> str:
    """Four curves in each of three lines, and so much below them that they can be scrolled away."""
    widgets = [
        {"id": f"c{n}", "type": "curve", "x": n % 4 * 6, "y": n // 4 * 8, "w": 6, "h": 8, "options": _options(stack, n)}
        for n in range(CURVES)
    ]
    below = {"type": "text", "x": 0, "w": 24, "h": BLANK_ROWS, "options": {"text": "below"}}
    widgets.append({**below, "id": "below", "y": 24})
    with stack.superuser() as connection:
        row = connection.execute(MAKE, [Jsonb(widgets)]).fetchone()
    assert row is not None
    return str(row[0])


def _options(stack: Stack, number: int) -> dict[str, Any]:
    return {"events": [stack.seed.events[number]], "span": "300"}


def _round(stack: Stack, path: str) -> dict[str, Any]:
    events = stack.seed.events[:CURVES]
    with stack.superuser() as connection:
        connection.execute(PAST, [stack.seed.event_ids[:CURVES]])
    seconds = SECONDS + AROUND
    sending = stack.begin_load("paced", **stack.telemetry, events=events, size=CURVES, rate=HERTZ, seconds=seconds)
    arguments = {
        "url": f"http://127.0.0.1:{stack.config.server.port}",
        "chromium": CHROMIUM,
        "username": "viewer",
        "password": PASSWORD,
        "path": path,
        "seconds": SECONDS,
    }
    command = ["node", str(ROOT / "bench/load/page.mjs"), json.dumps(arguments)]
    try:
        found = finish(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True))
        assert sending.poll() is None, "the values stopped before the page was measured to its end"
        return found
    finally:
        sending.terminate()
        sending.wait()
