"""Token buckets, with a clock of the test's own."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmacs.limits.buckets import Buckets


@dataclass
class Clock:
    """Stands still unless it is moved."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_minute_at_once_then_one_after_another() -> None:
    clock = Clock()
    buckets = Buckets(60, clock)
    assert [buckets.wait("a") for _ in range(61)] == [0.0] * 60 + [1.0]
    assert buckets.wait("b") == 0.0
    clock.seconds += 0.5
    assert buckets.wait("a") == pytest.approx(0.5)
    clock.seconds += 0.5
    assert buckets.wait("a") == 0.0
    assert buckets.wait("a") == pytest.approx(1.0)


def test_no_more_is_saved_than_a_minute() -> None:
    clock = Clock()
    buckets = Buckets(10, clock)
    buckets.wait("a")
    clock.seconds += 3600
    assert sum(buckets.wait("a") == 0 for _ in range(20)) == 10


def test_few_are_remembered() -> None:
    buckets = Buckets(1, Clock(), most=2)
    assert [buckets.wait(asker) for asker in "abab"] == [0.0, 0.0, 60.0, 60.0]
    assert buckets.wait("c") == 0.0  # forgets a
    assert buckets.wait("b") == 60.0
    assert buckets.wait("a") == 0.0


@given(steps=st.lists(st.floats(0, 100)), in_a_minute=st.integers(1, 1000))
def test_never_more_than_allowed_whatever_the_times(steps: list[float], in_a_minute: int) -> None:
    clock = Clock()
    buckets = Buckets(in_a_minute, clock)
    allowed = 0
    for step in steps:
        clock.seconds += step
        wait = buckets.wait("a")
        allowed += wait == 0
        assert 0 <= wait <= 60 / in_a_minute
        assert allowed <= in_a_minute * (1 + clock.seconds / 60) + 1e-6
