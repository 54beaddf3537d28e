"""Waits grow, are spread, and end at a limit."""

from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.backoff import Backoff


@given(st.integers(0, 2000))
def test_a_wait_is_never_longer_than_the_doubled_first_or_the_limit(failures: int) -> None:
    backoff = Backoff(0.5, 30)
    for _ in range(failures):
        backoff.next()
    assert 0 <= backoff.next() <= min(0.5 * 2 ** min(failures, 10), 30)


def test_waits_are_spread_over_the_whole_range() -> None:
    waits = [Backoff(30, 30).next() for _ in range(200)]
    assert min(waits) < 10
    assert max(waits) > 20


def test_after_success_it_begins_again() -> None:
    backoff = Backoff(0.5, 30)
    for _ in range(10):
        backoff.next()
    backoff.reset()
    assert backoff.next() <= 0.5
