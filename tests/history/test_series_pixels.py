"""A chart of rpc/series, with a bucket for each column of pixels, is the chart of all points: M4 (VLDB 2014).

A line chart is known by what each column of pixels shows: from where to where the line goes up and down in it. Bad
points are in neither."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.history.history import NOW, History, asked, step
from tests.history.reference import Json, milliseconds
from tests.support.sql import Sql

Line = list[tuple[float, float]]
Extents = dict[int, tuple[float, float]]


def drawn(line: Line, begin: float, width: float) -> Extents:
    """From where to where the line goes in each column of this width."""
    extents: Extents = {}

    def cover(column: int, value: float) -> None:
        low, high = extents.get(column, (value, value))
        extents[column] = (min(low, value), max(high, value))

    for t, value in line:
        cover(int((t - begin) // width), value)
    for (t, value), (next_t, next_value) in pairwise(line):
        first, last = int((t - begin) // width), int((next_t - begin) // width)
        for column in range(first + 1, last + 1):
            crossing = value + (next_value - value) * (begin + column * width - t) / (next_t - t)
            cover(column - 1, crossing)
            cover(column, crossing)
    return extents


def of_series(found: Json) -> Line:
    """First, lowest, highest and last of each bucket; where within it the extremes lie is no matter."""
    line: Line = []
    columns = ("first_t", "first", "min", "max", "last_t", "last")
    for first_t, first, low, high, last_t, last in zip(*(found[name] for name in columns), strict=True):
        if first_t is None:
            continue
        middle = (first_t + last_t) / 2
        line += [(first_t, first), (middle, low), (middle, high), (last_t, last)]
    return line


@settings(max_examples=40)
@given(steps=st.lists(step, min_size=1, max_size=8), questions=st.lists(asked, min_size=3, max_size=3))
def test_pixels(steps: list[tuple[str, object]], questions: list[tuple[int, int, int]], sql: Sql) -> None:
    history = History(sql)
    for name, argument in steps:
        getattr(history, name)(argument)
    for ago, length, buckets in questions:
        end = NOW - timedelta(seconds=ago)
        answer = history.ask(end - timedelta(seconds=length), end, buckets)
        origin, width = datetime.fromisoformat(answer["origin"]), timedelta(seconds=answer["width_seconds"])
        columns = -((origin - end) // width)
        assert columns <= buckets
        ordered = sorted(point for point in history.points.values() if origin <= point.ts < origin + columns * width)
        everything = [(milliseconds(point.ts), point.value) for point in ordered if point.quality >= 64]
        begin, pixel = milliseconds(origin), width / timedelta(milliseconds=1)
        expected, found = drawn(everything, begin, pixel), drawn(of_series(answer["series"][0]), begin, pixel)
        assert found.keys() == expected.keys()
        for column, extent in expected.items():
            assert found[column] == pytest.approx(extent, rel=1e-9, abs=1e-9)
