"""Every sample is told, or what has changed; and never for longer than its heartbeat is nothing told."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.configuration.settings import ChannelSettings
from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.reports import OnChange, Reports

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("deadband", "values", "told"),
    [
        (0, [1, 1, 1], [1]),
        (0, [1, 2, 2, 1], [1, 2, 1]),
        (0.5, [1, 1.5, 1.51, 1.6, 1.0], [1, 1.51, 1.0]),
        (0.5, [1, 1.3, 1.6, 1.9, 2.2], [1, 1.6, 2.2]),  # a slow drift is told, too
        (0.5, [-1, -1.6], [-1, -1.6]),
        (1e9, [0, 5], [0]),
        (0, [0], [0]),
    ],
)
def test_a_value_is_told_when_it_left_the_deadband(deadband: float, values: list[float], told: list[float]) -> None:
    rule = OnChange(deadband, heartbeat=60, interval=1)
    assert [value for second, value in enumerate(values) if rule.wants(value, 192, second)] == told


def test_another_quality_is_told() -> None:
    rule = OnChange(deadband=10, heartbeat=60, interval=1)
    assert [rule.wants(1, quality, 0) for quality in (192, 192, 84, 84, 192, 24)] == [
        True,
        False,
        True,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("heartbeat", "interval", "told_at"),
    [
        (10, 1, [0, 10, 20]),
        (1, 0.3, [0, 0.9, 1.8]),
        (1, 1, [0, 1, 2]),
        (1, 30, [0, 30, 60]),
        (60, 59, [0, 59, 118]),
    ],
)
def test_what_does_not_change_is_told_again_in_time(heartbeat: float, interval: float, told_at: list[float]) -> None:
    rule = OnChange(deadband=1, heartbeat=heartbeat, interval=interval)
    times = [number * interval for number in range(200)]
    assert [time for time in times if rule.wants(5, 192, time)][:3] == pytest.approx(told_at)


@given(
    st.lists(st.tuples(st.floats(-10, 10), st.sampled_from([192, 84, 24])), min_size=1, max_size=200),
    st.floats(0, 5),
    st.floats(1, 20),
    st.floats(0.01, 1),
)
def test_whatever_is_measured_the_last_that_was_told_is_near_and_not_old(
    readings: list[tuple[float, int]], deadband: float, heartbeat: float, interval: float
) -> None:
    rule = OnChange(deadband, heartbeat, interval)
    told: list[tuple[float, float, int]] = []
    for number, (value, quality) in enumerate(readings):
        now = number * interval
        if rule.wants(value, quality, now):
            told.append((now, value, quality))
        last_at, last_value, last_quality = told[-1]
        assert abs(value - last_value) <= deadband
        assert quality == last_quality
        assert now - last_at <= heartbeat
    for (before, a, quality), (after, b, other) in pairwise(told):
        assert abs(a - b) > deadband or quality != other or after - before > heartbeat - interval


def point(channel: str, value: float, second: float) -> Point:
    return Point(("T", channel), value, NOW + timedelta(seconds=second), 192)


def test_channels_are_told_each_in_its_own_way() -> None:
    reports = Reports(1.0, [ChannelSettings(channel="level", report="change", deadband=0.1)])
    readings = [[point("level", level, second), point("pump", 5, second)] for second, level in enumerate([1, 1, 2])]
    told = [[item.source[1] for item in reports.of(points, second)] for second, points in enumerate(readings)]
    assert told == [["level", "pump"], ["pump"], ["level", "pump"]]


def test_where_all_is_told_nothing_is_copied() -> None:
    points = [point("level", 1, 0)]
    assert Reports(1.0, [ChannelSettings(channel="level")]).of(points, 0) is points
