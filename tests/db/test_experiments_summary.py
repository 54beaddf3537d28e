"""Figures of an experiment equal those of its raw points, wherever its edges lie and however far rollups have come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.db.ingest import Ingest, Point
from tests.db.plant import Plant
from tests.support.sql import Sql

Json = dict[str, Any]
NOW = datetime(2026, 1, 20, 13, 37, 11, tzinfo=UTC)
_numbers = count(1)

# milliseconds before NOW: within an hour, a day, a week
ago = st.one_of(st.integers(0, 3_600_000), st.integers(0, 86_400_000), st.integers(0, 7 * 86_400_000))
reading = st.tuples(ago, st.sampled_from([-2.5, 0.0, 1.0, 7.25]), st.sampled_from([192, 64, 0]))
dense = st.tuples(ago, st.integers(100, 200)).map(
    lambda run: [(max(0, run[0] - 1000 * second), float(second % 7), 192) for second in range(run[1])]
)
batch = st.one_of(st.lists(reading, min_size=1, max_size=20), dense)
rolled_up_to = st.one_of(st.none(), ago)
ranges = st.tuples(ago, ago).filter(lambda pair: pair[0] != pair[1])
running = ago.map(lambda begun: (begun, None))
spans = st.lists(st.one_of(ranges, running), min_size=1, max_size=4)


@dataclass(frozen=True, order=True)
class Stored:
    """A point as it is stored."""

    ts: datetime
    value: float
    quality: int


def _before(milliseconds: int) -> datetime:
    return NOW - timedelta(milliseconds=milliseconds)


def _figures(points: Sequence[Stored]) -> Json:
    """What the summary says of one event, from all its points."""
    if not points:
        names = ("min", "max", "mean", "first", "first_at", "last", "last_at", "worst_quality")
        return {"count": 0, "bad": 0} | dict.fromkeys(names)
    ordered = sorted(points)
    usable = [point for point in ordered if point.quality >= 64]
    values = [point.value for point in usable]
    return {
        "count": len(ordered),
        "bad": len(ordered) - len(usable),
        "min": min(values, default=None),
        "max": max(values, default=None),
        "mean": pytest.approx(sum(values) / len(values)) if values else None,
        "first": values[0] if values else None,
        "first_at": usable[0].ts if usable else None,
        "last": values[-1] if values else None,
        "last_at": usable[-1].ts if usable else None,
        "worst_quality": min(point.quality for point in ordered),
    }


def _experiment(sql: Sql, start: datetime, stop: datetime | None, *events: int) -> int:
    row = sql.superuser.execute(
        "insert into private.experiments (name, started_at, stopped_at) values (%s, %s, %s) returning id",
        (f"experiment {next(_numbers)}", start, stop),
    ).fetchone()
    assert row
    sql.superuser.execute(
        "insert into private.experiment_events (experiment_id, event_id) select %s, unnest(%s::int[])",
        (row[0], list(events)),
    )
    return int(row[0])


def _summary(sql: Sql, experiment: int) -> Json:
    row = sql.as_role("viewer").execute("select api.experiment_summary(%s)", (experiment,)).fetchone()
    assert row
    answer: Json = row[0]
    return answer


def _of_event(summary: Json, event: int) -> Json:
    """The figures of one event, times as times."""
    (figures,) = (dict(line) for line in summary["events"] if line["event_id"] == event)
    for name in ("event_id", "event_public_id", "name", "unit"):
        figures.pop(name)
    times = {name: figures[name] and datetime.fromisoformat(figures[name]) for name in ("first_at", "last_at")}
    return figures | times


@settings(max_examples=30)
@given(early=batch, late=batch, rolled_to=rolled_up_to, removed=st.one_of(st.none(), ranges), asked=spans)
def test_as_from_raw_points(
    early: list[tuple[int, float, int]],
    late: list[tuple[int, float, int]],
    rolled_to: int | None,
    removed: tuple[int, int] | None,
    asked: list[tuple[int, int | None]],
    sql: Sql,
    plant: Plant,
) -> None:
    sql.superuser.execute(
        "truncate private.rollup_dirty, private.rollup_minutes, private.rollup_hours, private.rollup_days"
    )
    sql.superuser.execute("update private.settings set computed_to = '-infinity', rolled_to = '-infinity'")
    events, ingest = (plant.event(), plant.event()), Ingest(sql.superuser)
    stored: dict[int, dict[datetime, Stored]] = {event: {} for event in events}
    for points in (early, late):
        # of the second event only what is late
        for event in events if points is late else events[:1]:
            ingest(*[Point(event, value, _before(before), quality) for before, value, quality in points])
            for before, value, quality in points:
                stored[event].setdefault(_before(before), Stored(_before(before), value, quality))
        if rolled_to is not None and points is early:
            sql.superuser.execute("select private.move_rollups(%s)", (_before(rolled_to),))
            sql.superuser.execute("select private.compute_rollups('30 days')")
    if removed:
        gone = (_before(max(removed)), _before(min(removed)))
        sql.superuser.execute("select api.delete_datapoints(%s, %s, %s)", (events[0], *gone))
        stored[events[0]] = {ts: point for ts, point in stored[events[0]].items() if not gone[0] <= ts < gone[1]}
    for begun, over in asked:
        start = _before(begun if over is None else max(begun, over))
        stop = None if over is None else _before(min(begun, over))
        summary = _summary(sql, _experiment(sql, start, stop, *events))
        for event in events:
            inside = [point for ts, point in stored[event].items() if start <= ts and (stop is None or ts < stop)]
            assert _of_event(summary, event) == _figures(inside)


@pytest.mark.parametrize(
    ("begin", "end", "units"),
    [
        ("2026-01-01 00:00", "2026-01-03 00:00", ["day"]),
        ("2026-01-01 00:00", "2026-01-01 01:00", ["hour"]),
        ("2026-01-01 23:59:59.5", "2026-01-02 00:00", ["raw"]),
        ("2026-01-01 12:30:30", "2026-01-01 12:30:40", ["raw"]),
        ("2026-01-01 12:30:30", "2026-01-01 12:31:30", ["raw"]),
        ("2026-01-01 12:30:30", "2026-01-01 12:33:30", ["raw", "minute", "raw"]),
        ("2026-01-01 12:30", "2026-01-01 13:30", ["minute"]),
        ("2025-06-15 12:30:30", "2026-06-15 12:30:30", ["raw", "minute", "hour", "day", "hour", "minute", "raw"]),
        ("2026-01-01 00:00", "2026-01-01 00:00", []),
    ],
)
def test_the_range_in_whole_units(begin: str, end: str, units: list[str], sql: Sql) -> None:
    pieces = sql.superuser.execute(
        "select unit, begins, ends from private.whole_units(%s, %s) order by begins", (f"{begin}Z", f"{end}Z")
    ).fetchall()
    assert [unit for unit, _, _ in pieces] == units
    edges = [edge for _, *edges in pieces for edge in edges]
    if units:
        assert [edges[0], edges[-1]] == [datetime.fromisoformat(f"{edge}Z") for edge in (begin, end)]
    assert edges[1:-1:2] == edges[2::2]


def test_all_events_without_a_list(sql: Sql, plant: Plant, ingest: Ingest) -> None:
    listed, other = plant.event(), plant.event()
    ingest(Point(listed, 1, NOW), Point(other, 2, NOW))
    stop = NOW + timedelta(seconds=1)
    of_all = _summary(sql, _experiment(sql, NOW, stop))
    assert (_of_event(of_all, listed)["last"], _of_event(of_all, other)["last"]) == (1, 2)
    of_one = _summary(sql, _experiment(sql, NOW, stop, listed))
    assert [line["event_id"] for line in of_one["events"]] == [listed]


def test_late_data_land_by_their_time(sql: Sql, plant: Plant, ingest: Ingest) -> None:
    """Two that overlap, and one after them: each has what was measured meanwhile, whenever it arrived."""
    event, start = plant.event(), datetime(2026, 1, 5, 12, tzinfo=UTC)
    hours = [(0, 2), (1, 3), (3, 4)]
    runs = [
        _experiment(sql, start + timedelta(hours=begin), start + timedelta(hours=end), event) for begin, end in hours
    ]
    sql.superuser.execute("select private.move_rollups(%s)", (start + timedelta(hours=5),))
    sql.superuser.execute("select private.compute_rollups('30 days')")
    # at the edges too: begin inclusive, end exclusive
    ingest(*[Point(event, half, start + timedelta(minutes=30 * half)) for half in range(9)])
    found = [_of_event(_summary(sql, run), event) for run in runs]
    assert [(line["count"], line["first"], line["last"]) for line in found] == [(4, 0, 3), (4, 2, 5), (2, 6, 7)]
