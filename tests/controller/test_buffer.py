"""The buffer keeps every point until it is acknowledged, in order, and never more than its limit."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from webmacs_controller.measuring.point import Point
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.in_flight import Frame

from tests.controller.machine import right_clock

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def points(*values: float) -> list[Point]:
    return [Point(("tank", "level"), value, NOW, 192) for value in values]


def values(frame: Frame | None) -> Sequence[float]:
    assert frame is not None
    return [point.value for point in frame.points]


def everything(_point: Point) -> bool:
    return True


async def test_a_frame_holds_the_oldest_points_in_order() -> None:
    buffer = Buffer(10, right_clock())
    buffer.put(points(1, 2, 3))
    assert values(buffer.take(2, everything)) == [1, 2]
    assert values(buffer.take(2, everything)) == [3]
    assert buffer.take(2, everything) is None


async def test_one_confirmation_covers_the_frames_before_it() -> None:
    buffer = Buffer(10, right_clock())
    buffer.put(points(1, 2, 3))
    frames = [buffer.take(1, everything) for _ in range(3)]
    assert frames[1] is not None
    buffer.confirm(frames[1].seq)
    assert (len(buffer), buffer.in_flight) == (1, 1)


async def test_only_the_discarded_frame_goes() -> None:
    buffer = Buffer(10, right_clock())
    buffer.put(points(1, 2, 3, 4))
    frames = [buffer.take(most, everything) for most in (1, 2, 1)]
    assert frames[1] is not None
    assert [buffer.discard(frames[1].seq) for _ in range(2)] == [2, 0]
    assert (len(buffer), buffer.in_flight) == (2, 2)
    buffer.give_back()
    assert values(buffer.take(10, everything)) == [1, 4]


async def test_a_lost_connection_gives_back_only_what_was_not_confirmed() -> None:
    buffer = Buffer(10, right_clock())
    buffer.put(points(1, 2, 3, 4))
    first = buffer.take(1, everything)
    buffer.take(2, everything)
    assert first is not None
    buffer.confirm(first.seq)
    buffer.give_back()
    assert values(buffer.take(10, everything)) == [2, 3, 4]


async def test_numbers_are_never_used_twice() -> None:
    buffer = Buffer(10, right_clock())
    buffer.put(points(1))
    first = buffer.take(1, everything)
    buffer.give_back()
    again = buffer.take(1, everything)
    assert first is not None
    assert again is not None
    assert again.seq > first.seq


async def test_a_full_buffer_drops_the_oldest_counts_them_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    buffer = Buffer(3, right_clock())
    buffer.put(points(1, 2, 3))
    buffer.put(points(4, 5))
    buffer.put(points(6))
    assert values(buffer.take(10, everything)) == [4, 5, 6]
    assert buffer.dropped == 3
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_what_is_under_way_is_not_dropped() -> None:
    buffer = Buffer(2, right_clock())
    buffer.put(points(1, 2))
    buffer.take(2, everything)
    buffer.put(points(3))
    buffer.give_back()
    assert values(buffer.take(10, everything)) == [1, 2]


async def test_unwanted_points_go_and_are_counted() -> None:
    buffer = Buffer(10, right_clock())
    buffer.put(points(1, 2, 3))
    assert values(buffer.take(10, lambda point: point.value == 2)) == [2]
    assert (buffer.unwanted, len(buffer)) == (2, 1)
