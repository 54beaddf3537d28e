"""Single values for webhooks: at most one of an event in each interval, however the points are cut into batches."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.db.hooks import Hooks
from tests.db.ingest import at
from tests.db.plant import Plant


def _send(hooks: Hooks, *points: tuple[int, float]) -> None:
    """Points (event, second) that were stored together; the value is the second."""
    events = [event for event, _ in points]
    seconds = [float(second) for _, second in points]
    hooks.superuser.execute(
        "select private.webhook_readings(%s, %s::timestamptz[], %s, %s)",
        (events, [at(one) for one in seconds], seconds, list(range(len(seconds)))),
    )


def _values(hooks: Hooks, hook: int | None = None) -> list[float]:
    return [body["data"]["value"] for body in hooks.bodies(hook)]


@pytest.mark.parametrize(
    ("types", "columns", "wanted"),
    [
        (["alarm.*"], {}, False),
        (["sensor.threshold_exceeded"], {}, False),
        (["sensor.reading"], {}, True),
        (["alarm.*", "sensor.*"], {}, True),
        (["sensor.reading"], {"enabled": False}, False),
    ],
)
def test_whether_anybody_wants_them(types: list[str], columns: dict[str, bool], wanted: bool, hooks: Hooks) -> None:
    hooks.add(types, **columns)
    assert hooks.superuser.execute("select private.readings_wanted()").fetchone() == (wanted,)


def test_a_reading(hooks: Hooks, plant: Plant) -> None:
    hooks.add(["sensor.reading"])
    _send(hooks, (plant.event("the sensor"), 1.5))
    (body,) = hooks.bodies()
    assert (body["type"], body["timestamp"]) == ("sensor.reading", "2026-01-05T12:00:01.500000Z")
    assert body["data"].items() >= {"event": "the sensor", "unit": "V", "value": 1.5}.items()


# the interval in seconds, batches of seconds, and those that are told
INTERVALS: list[tuple[float, list[list[float]], list[float]]] = [
    (5, [[0]], [0]),
    (5, [[0, 1, 2, 3, 4, 4.9]], [0]),
    (5, [[0, 5]], [0, 5]),
    (5, [[0], [4.999999], [5]], [0, 5]),
    (5, [[0, 3, 6, 9, 12]], [0, 6, 12]),
    (5, [[0], [3], [6], [9], [12]], [0, 6, 12]),
    (5, [[12, 0, 6, 3, 9]], [12]),
    (5, [[0, 12, 6, 3, 17]], [0, 12, 17]),
    (5, [[10], [0, 3, 14]], [10]),
    (0.1, [[0, 0.05, 0.1, 0.2]], [0, 0.1, 0.2]),
    (86400, [[0, 86399, 86400]], [0, 86400]),
]


@pytest.mark.parametrize(("interval", "batches", "told"), INTERVALS)
def test_intervals(interval: float, batches: list[list[float]], told: list[float], hooks: Hooks, plant: Plant) -> None:
    hooks.add(["sensor.reading"], reading_interval_seconds=interval)
    event = plant.event()
    for batch in batches:
        _send(hooks, *((event, second) for second in batch))
    assert _values(hooks) == told


def test_each_event_and_each_webhook_has_its_own(hooks: Hooks, plant: Plant) -> None:
    first, second = plant.event(), plant.event()
    often = hooks.add(["sensor.*"], reading_interval_seconds=1)
    seldom = hooks.add(["sensor.*"], reading_interval_seconds=10, event_ids=[first])
    _send(hooks, (first, 0), (second, 0.5), (first, 1), (second, 1))
    assert _values(hooks, often) == [0, 0.5, 1]
    assert _values(hooks, seldom) == [0]


def test_nobody_wants_them(hooks: Hooks, plant: Plant) -> None:
    hooks.add(["sensor.reading"], enabled=False)
    _send(hooks, (plant.event(), 0))
    _send(hooks)
    assert hooks.bodies() == []


def _slow(seconds: Sequence[int], interval: int) -> Iterator[int]:
    """The seconds that are told, in the order of arrival: the plain way."""
    last: int | None = None
    newest = -1
    for second in seconds:
        if second > newest and (last is None or second >= last + interval):
            last = second
            yield second
        newest = max(newest, second)


@settings(max_examples=60)
@given(
    batches=st.lists(st.integers(1, 8), min_size=1, max_size=6),
    seconds=st.permutations(range(60)) | st.just(list(range(60))),
    interval=st.integers(1, 20),
)
def test_how_points_are_cut_does_not_matter(
    batches: list[int], seconds: list[int], interval: int, hooks: Hooks, plant: Plant
) -> None:
    hooks.clear()
    hooks.add(["sensor.reading"], reading_interval_seconds=interval)
    event, left = plant.event(), list(seconds)[: sum(batches)]
    expected = list(_slow(left, interval))
    for size in batches:
        _send(hooks, *((event, second) for second in left[:size]))
        left = left[size:]
    assert _values(hooks) == expected
