"""Time-stamps are right as soon as the time is known, and never go back."""

import itertools
import logging
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.clock.clock import EPOCH, MICROSECOND, SET_SINCE, Clock
from webmacs_controller.clock.correction import corrected
from webmacs_controller.clock.kernel import Linux
from webmacs_controller.measuring.point import Point

from tests.controller.machine import NOON, TurnedKernel

YEARS_BEHIND = -20 * 365 * 86400.0


def unset(wrong: float = YEARS_BEHIND) -> tuple[TurnedKernel, Clock]:
    kernel = TurnedKernel(wrong=wrong, synchronised=False)
    return kernel, Clock(kernel)


def after(kernel: TurnedKernel, clock: Clock, seconds: float) -> datetime:
    kernel.sleep(seconds)
    return clock.now()


def utc(clock: Clock, timestamp: datetime) -> datetime:
    return corrected([Point(("tank", "level"), 1, timestamp, 192)], clock.first_offset)[0].timestamp


def is_close(moment: datetime, other: datetime, seconds: float = 0.001) -> bool:
    return abs(moment - other) <= timedelta(seconds=seconds)


def test_a_synchronised_clock_is_right_from_the_start() -> None:
    kernel = TurnedKernel()
    assert Clock(kernel).now() == kernel.right_time()


def test_before_the_clock_is_set_time_counts_from_the_boot() -> None:
    kernel, clock = unset()
    assert not clock.is_set
    assert clock.now() == EPOCH + timedelta(seconds=30)
    assert after(kernel, clock, 5) == EPOCH + timedelta(seconds=35)


def test_what_was_measured_before_gets_its_right_time() -> None:
    kernel, clock = unset()
    measured, right = clock.now(), kernel.right_time()
    assert utc(clock, measured) == measured < SET_SINCE
    kernel.sleep(600)
    kernel.wrong, kernel.synchronised = 0, True
    assert clock.now() == kernel.right_time()
    assert utc(clock, measured) == right
    assert utc(clock, right) == right


def test_the_correction_stays_the_same_whatever_happens_later() -> None:
    """What was sent again would be another point otherwise."""
    kernel, clock = unset()
    measured = clock.now()
    kernel.synchronised = True
    after(kernel, clock, 2)
    corrected = utc(clock, measured)
    kernel.wrong += 100
    after(kernel, clock, 2)
    assert utc(clock, measured) == corrected


def test_the_server_sets_a_clock_that_nobody_vouches_for() -> None:
    kernel, clock = unset()
    asked = clock.ask()
    kernel.sleep(0.4)
    clock.told(kernel.right_time() - timedelta(seconds=0.1), asked)
    assert is_close(clock.now(), kernel.right_time(), 0.2)


def test_a_system_clock_that_agrees_with_the_server_is_followed_exactly() -> None:
    kernel, clock = unset(wrong=1.5)
    clock.told(kernel.right_time(), clock.ask())
    assert clock.now() == kernel.right_time() + timedelta(seconds=1.5)


def test_a_synchronised_clock_does_not_follow_the_server(caplog: pytest.LogCaptureFixture) -> None:
    kernel = TurnedKernel()
    clock = Clock(kernel)
    clock.told(kernel.right_time() - timedelta(days=3), clock.ask())
    assert clock.now() == kernel.right_time()
    assert "the server's clock is -259200.0 s off" in caplog.text


def test_a_server_in_the_past_century_is_not_believed() -> None:
    _, clock = unset()
    clock.told(EPOCH + timedelta(days=1), clock.ask())
    assert not clock.is_set


def test_where_nobody_tells_the_time_the_system_clock_has_to_do() -> None:
    kernel, clock = unset(wrong=77)
    clock.told(None, clock.ask())
    assert clock.now() == kernel.right_time() + timedelta(seconds=77)


def test_a_jump_that_nobody_vouches_for_is_said_and_not_followed(caplog: pytest.LogCaptureFixture) -> None:
    kernel = TurnedKernel()
    clock = Clock(kernel)
    kernel.wrong, kernel.synchronised = 3600, False
    assert is_close(after(kernel, clock, 10), kernel.right_time())
    assert "the system clock was set by +3600.0 s and is not synchronised" in caplog.text
    caplog.clear()
    after(kernel, clock, 10)
    assert caplog.text == ""


def test_a_clock_that_was_behind_jumps_ahead(caplog: pytest.LogCaptureFixture) -> None:
    kernel = TurnedKernel(wrong=-5)
    clock = Clock(kernel)
    kernel.wrong = 0
    assert after(kernel, clock, 1) == kernel.right_time()
    assert "the clock was -5.0 s off" in caplog.text


def test_a_clock_that_was_ahead_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    kernel = TurnedKernel(wrong=4)
    clock = Clock(kernel)
    kernel.wrong = 0
    offs = [(after(kernel, clock, 1) - kernel.right_time()).total_seconds() for _ in range(10)]
    assert offs == [4.0, 3.5, 3.0, 2.5, 2.0, 1.5, 1.0, 0.5, 0.0, 0.0]
    assert caplog.text.count("the clock was +4.0 s off") == 1


def test_a_clock_that_was_ahead_by_hours_goes_back_at_once() -> None:
    kernel = TurnedKernel(wrong=7200)
    clock = Clock(kernel)
    kernel.wrong = 0
    assert after(kernel, clock, 1) == kernel.right_time()


def test_a_small_difference_is_no_jump(caplog: pytest.LogCaptureFixture) -> None:
    kernel = TurnedKernel()
    clock = Clock(kernel)
    kernel.wrong = 0.04
    assert after(kernel, clock, 1) == kernel.right_time()
    assert caplog.text == ""


MOVES = st.tuples(
    st.floats(0, 5), st.floats(-290, 290), st.booleans(), st.none() | st.floats(-290, 290), st.floats(0, 30)
)


@given(st.floats(-1e9, 1e9), st.lists(MOVES, max_size=20))
def test_no_time_comes_twice_or_before_another(
    wrong: float, moves: list[tuple[float, float, bool, float | None, float]]
) -> None:
    """Whoever sets the clock by however much; what is corrected later included."""
    kernel = TurnedKernel(right=NOON, wrong=wrong, synchronised=False)
    clock = Clock(kernel)
    stamps = [clock.now(), clock.now()]
    for seconds, kernel.wrong, kernel.synchronised, server_wrong, way in moves:
        asked = clock.ask()
        kernel.sleep(way)
        if server_wrong is not None:
            clock.told(kernel.right_time() + timedelta(seconds=server_wrong), asked)
        stamps += [clock.now(), after(kernel, clock, seconds), clock.now()]
    final = [utc(clock, stamp) for stamp in stamps]
    assert all(earlier < later for earlier, later in itertools.pairwise(final))


def test_the_kernel_of_this_machine() -> None:
    kernel = Linux()
    before, between = kernel.boot_time(), kernel.boot_and_real_time()
    assert before <= between[0] <= kernel.boot_time()
    assert abs(EPOCH + between[1] * MICROSECOND - datetime.now(UTC)) < timedelta(minutes=1)
    assert len(kernel.boot_id) == 36
    assert kernel.is_synchronised() in (True, False)


def test_setting_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    kernel, clock = unset()
    clock.told(kernel.right_time(), clock.ask())
    clock.told(kernel.right_time(), clock.ask())
    assert caplog.text.count("the clock is set, the server said so: 2026-03-01 12:00:30") == 1
