"""A real controller of many channels: what it costs, how evenly it reads, what it writes to disk, how it catches up."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

from webmacs_controller.clock.clock import Clock
from webmacs_controller.measuring.point import Point, Source
from webmacs_controller.storage.store import Store

from bench.edge import CHANNELS, INSTANCES, INTERVAL, Edge, edge
from bench.report import Row, middle, runs
from bench.stack import Stack, finish

ROUNDS = 3
SECONDS = 6.0
SETTLE_SECONDS = 3.0
AWAY_SECONDS = 25.0
BACKLOG = 1_000_000
READINGS_A_ROW = 15  # of all channels: about what the controller writes at once
CORES_GOAL, MEMORY_GOAL_MB, JITTER_GOAL_MS, DRAIN_GOAL, DELAY_GOAL_MS = 0.5, 120, 5.0, 20_000, 300.0
BEAT = 10_000  # microseconds
LOAD = f"{INSTANCES * CHANNELS:,} channels at {1 / INTERVAL:g} Hz"
SOURCES: list[Source] = [(f"Device {n}", f"c{channel}") for n in range(INSTANCES) for channel in range(CHANNELS)]
ADD_FAST = """
    insert into private.plugin_instances (controller_id, name, plugin, interval_seconds, config)
    select id, 'Fast', 'channels', 0.01, '{"count": 1}' from private.controllers where name = 'edge'
"""
ENABLE_OTHERS = "update private.plugin_instances set enabled = %s where plugin = 'channels' and name <> 'Fast'"
FRESH = "select count(*) from private.latest where event_id in ({events}) and ts > %s"
TIMES = """
    select (extract(epoch from ts) * 1000000)::int8 from private.datapoints
    where event_id in ({events} and i.name = 'Fast') and ts between %s and %s order by ts
"""
STORED = "select count(*) from private.datapoints where event_id in ({events}) and ts between %s and %s"


def measure(stack: Stack) -> list[Row]:
    """The rows of this group."""
    stack.restart("sidecar")
    begin = datetime.now(UTC)
    with edge(stack) as device:
        device.start()
        _wait_for_all(device, begin)
        rows = [*_cost(device), *_evenness(device)]
        stack.stop("sidecar")
        rows.append(_disk(device))
        before = begin - timedelta(minutes=5)
        filled = BACKLOG - device.waiting
        _fill(device, before, filled)
        return rows + _catching_up(stack, device, before, filled)


def _wait_for_all(device: Edge, since: datetime) -> None:
    device.wait_until(lambda: device.ask(FRESH, since)[0] >= len(SOURCES), "not every channel has a value")


# what it costs ------------------------------------------------------------------


def _cost(device: Edge) -> list[Row]:
    time.sleep(SETTLE_SECONDS)
    cores, rates = zip(*(_cost_of_a_while(device) for _ in range(ROUNDS)), strict=True)
    return [
        Row(f"{LOAD}: cores that the controller takes", f"{CORES_GOAL}", runs(cores, 3), middle(cores) <= CORES_GOAL),
        Row("the same: values/s that are stored", "", runs(rates)),
        _memory(device.most_memory_mb(), "the same"),
    ]


def _cost_of_a_while(device: Edge) -> tuple[float, float]:
    """Cores, and values a second."""
    begin, used, clock = datetime.now(UTC), device.cpu_seconds(), time.perf_counter()
    time.sleep(SECONDS)
    cores = (device.cpu_seconds() - used) / (time.perf_counter() - clock)
    end = datetime.now(UTC)
    time.sleep(1)
    (stored,) = device.ask(STORED, begin, end)
    return cores, stored / (end - begin).total_seconds()


# how evenly it reads --------------------------------------------------------------


def _evenness(device: Edge) -> list[Row]:
    device.configure(ADD_FAST)
    rows = [_jitter(device, f"beside {LOAD}", JITTER_GOAL_MS)]
    device.configure(ENABLE_OTHERS, False)
    rows.append(_jitter(device, "alone"))
    device.configure(ENABLE_OTHERS, True)
    _wait_for_all(device, datetime.now(UTC))
    return rows


def _jitter(device: Edge, where: str, goal: float | None = None) -> Row:
    time.sleep(SETTLE_SECONDS)
    begin = datetime.now(UTC)
    time.sleep(ROUNDS * SECONDS)
    end = datetime.now(UTC)
    time.sleep(SETTLE_SECONDS)
    length = (end - begin) / ROUNDS
    found = [
        sorted(lateness(device.ask(TIMES, begin + number * length, begin + (number + 1) * length)))
        for number in range(ROUNDS)
    ]
    worst = [late[int(len(late) * 0.99)] for late in found]
    text = f"median {runs([middle(late) for late in found], 2)} ms, 99th percentile {runs(worst, 2)} ms"
    return Row(
        f"one channel read each 10 ms, {where}: how late its time-stamps are",
        "" if goal is None else f"99th percentile {goal:g} ms",
        f"{text}, maximum {runs([late[-1] for late in found], 1)} ms",
        None if goal is None else middle(worst) <= goal,
    )


def lateness(times: Sequence[int]) -> list[float]:
    """How many milliseconds after its beat each reading was made; one that was left out is a beat late. The beats are
    where they fit best: nothing is read before its time."""
    places = sorted(moment % BEAT for moment in times)
    gaps = [(after - place, after) for place, after in pairwise([places[-1] - BEAT, *places])]
    first_beat = max(gaps)[1]
    beats = [divmod(moment - first_beat, BEAT) for moment in times]
    left_out = beats[-1][0] - beats[0][0] + 1 - len({beat for beat, _ in beats})
    return [late / 1000 for _, late in beats] + [BEAT / 1000] * left_out


# what it writes to disk -------------------------------------------------------------


def _disk(device: Edge) -> Row:
    """With the end of the process: SQLite writes first into its log, then into its file."""
    time.sleep(SETTLE_SECONDS)
    written, points = device.written_bytes(), device.waiting
    time.sleep(AWAY_SECONDS)
    each = (device.written_bytes() - written) / (device.waiting - points)
    with_all = (device.stop() - written) / (device.waiting - points)
    text = f"{each:.1f}; {with_all:.1f} with what is written at the end, when the log goes into the file"
    return Row(f"{LOAD}, noise in every digit, server away: bytes written to disk per value", "", text)


# catching up ----------------------------------------------------------------------


def _fill(device: Edge, before: datetime, count: int) -> None:
    """So many values as if they had been measured before that time, as the controller itself writes them."""
    store, noise = Store(device.buffer, 1 << 40, timedelta(days=1), Clock()), Random(2).random
    for first in range(0, count, READINGS_A_ROW * len(SOURCES)):
        readings = range(first // len(SOURCES), first // len(SOURCES) + READINGS_A_ROW)
        points = [
            Point(source, noise(), before - number * timedelta(seconds=INTERVAL), 192)
            for number in reversed(readings)
            for source in SOURCES
        ]
        store.write([points[: count - first]])
    store.close()


def _catching_up(stack: Stack, device: Edge, before: datetime, filled: int) -> list[Row]:
    """The values that were written beforehand are the last that the controller sends of its backlog."""
    start = time.time()
    device.start()
    time.sleep(SETTLE_SECONDS)
    arguments = {"before": start, "last_before": before.timestamp() + 1, "count": filled}
    listening = stack.begin_load("arrivals", uri=stack.config.database.admin_uri, **arguments)
    assert listening.stdout is not None
    assert listening.stdout.readline()
    stack.start("sidecar")
    found = finish(listening)
    memory = device.most_memory_mb()
    (stored,) = device.ask(STORED, before - timedelta(days=1), before)
    return [
        Row(
            f"a backlog of {found['old']:,} values, beside {LOAD}: values/s",
            f"{DRAIN_GOAL:,}",
            f"{found['rate']:,.0f}, {filled - stored} of {filled:,} lost",
            found["rate"] >= DRAIN_GOAL and stored == filled,
        ),
        Row(
            f"the same: until a live value is stored, of {found['live']:,}",
            f"{DELAY_GOAL_MS:g} ms",
            "median {p50:.0f} ms, 99th percentile {p99:.0f} ms, maximum {max:.0f} ms".format(**found),
            found["max"] <= DELAY_GOAL_MS,
        ),
        _memory(memory, "the same"),
    ]


def _memory(megabytes: float, when: str) -> Row:
    goal, found = f"{MEMORY_GOAL_MB} MB", f"{megabytes:.0f} MB"
    return Row(f"{when}: the most memory that it has taken", goal, found, megabytes <= MEMORY_GOAL_MB)
