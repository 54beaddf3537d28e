"""The beat is even whatever the work takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.measuring.ticker import Ticker


def test_the_first_beat_is_due_at_once() -> None:
    assert Ticker(1.0, 100.0).wait(100.0) == 0


def test_work_shorter_than_the_interval_does_not_shift_the_beat() -> None:
    ticker, now = Ticker(0.1, 0.0), 0.0
    for _ in range(10_000):
        now += ticker.wait(now) + 0.03
    assert now == pytest.approx(999.9 + 0.03)


def test_beats_that_were_missed_are_not_made_up() -> None:
    ticker = Ticker(1.0, 0.0)
    ticker.wait(0.0)
    assert ticker.wait(5.5) == 0  # the beat of 5.0, late
    assert ticker.wait(5.5) == pytest.approx(0.5)  # the beat of 6.0


@given(st.floats(0.01, 100), st.lists(st.floats(0, 50), max_size=50))
def test_every_beat_lies_on_the_grid_or_is_late(interval: float, work: list[float]) -> None:
    ticker, now = Ticker(interval, 0.0), 0.0
    for seconds in work:
        wait = ticker.wait(now)
        assert 0 <= wait <= interval * 1.000001
        if wait > 0:
            beats = (now + wait) / interval
            assert beats == pytest.approx(round(beats), abs=1e-6)
        now += wait + seconds


@given(st.floats(0.01, 100), st.floats(0, 1e6), st.floats(0, 1, exclude_max=True))
def test_the_phase_counts_from_the_zero_of_the_clock_and_brings_no_beats_close_together(
    interval: float, start: float, phase: float
) -> None:
    ticker, grid = Ticker(interval, start, phase), min(interval, 0.1)
    assert ticker.wait(start) == 0
    second = ticker.wait(start)
    assert 0.499999 * interval <= second <= 1.500001 * interval
    assert interval < 2 * grid or second <= interval * 1.000001  # heartbeats are kept
    places = (start + second - interval) / grid - phase
    assert places == pytest.approx(round(places), abs=1e-5)
    assert ticker.wait(start + second) == pytest.approx(interval)


def test_instances_that_begin_together_do_not_beat_together() -> None:
    ticks = [Ticker(0.1, 5.0, phase) for phase in (0.0, 0.25, 0.5, 0.75)]
    assert [tick.wait(5.0) for tick in ticks] == [0] * 4
    assert sorted(tick.wait(5.0) for tick in ticks) == pytest.approx([0.05, 0.075, 0.1, 0.125])
