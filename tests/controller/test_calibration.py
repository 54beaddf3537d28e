"""What a device says becomes the value that it means; and back, for an output."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webmacs_controller.measuring.calibration import Calibration, Pair

LINE: list[Pair] = [(4, 0), (20, 100)]
TABLE: list[Pair] = [(0, 0), (10, 5), (20, 25)]


@pytest.mark.parametrize(
    ("pairs", "raw", "value"),
    [
        (LINE, 4, 0),
        (LINE, 20, 100),
        (LINE, 12, 50),
        (LINE, 0, -25),
        (LINE, 24, 125),
        ([(0.2, 0), (99.1, 100)], 0.2, 0),
        ([(0, 10), (10, 0)], 2.5, 7.5),
        (TABLE, 5, 2.5),
        (TABLE, 10, 5),
        (TABLE, 15, 15),
        (TABLE, -10, -5),
        (TABLE, 30, 45),
        ([(0, 1), (1, 1), (2, 3)], 0.5, 1),
    ],
)
def test_it_is_linear_between_the_pairs_and_goes_on_at_the_ends(pairs: list[Pair], raw: float, value: float) -> None:
    assert Calibration(pairs)(raw) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize("pairs", [[], [(1, 1)], [(1, 1), (1, 2)], [(2, 1), (1, 2)], [(math.nan, 1), (2, 2)]])
def test_what_is_no_calibration_cannot_be_made(pairs: list[Pair]) -> None:
    with pytest.raises(ValueError, match="rise strictly"):
        Calibration(pairs)


@pytest.mark.parametrize("pairs", [LINE, TABLE])
@pytest.mark.parametrize("raw", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_does_not_become_one(pairs: list[Pair], raw: float) -> None:
    assert not math.isfinite(Calibration(pairs)(raw))


@pytest.mark.parametrize("pairs", [[(0, 1), (1, 1)], [(0, 0), (1, 5), (2, 3)], [(0, 5), (1, 0), (2, 0)]])
def test_an_output_needs_values_that_lead_back(pairs: list[Pair]) -> None:
    with pytest.raises(ValueError, match="rise or fall throughout"):
        Calibration(pairs).inverse()


steps = st.floats(0.001, 1000)
values = st.floats(-1e6, 1e6)


@st.composite
def tables(draw: st.DrawFn, change: st.SearchStrategy[float]) -> list[Pair]:
    """First numbers that rise, and values that change by `change` from pair to pair."""
    raw, value = draw(values), draw(values)
    pairs = [(raw, value)]
    for step, difference in draw(st.lists(st.tuples(steps, change), min_size=1, max_size=20)):
        raw, value = raw + step, value + difference
        pairs.append((raw, value))
    return pairs


@given(tables(st.floats(-1000, 1000)))
def test_each_pair_is_met_exactly(pairs: list[Pair]) -> None:
    calibrate = Calibration(pairs)
    assert [calibrate(raw) for raw, _ in pairs] == [value for _, value in pairs]


@given(tables(st.floats(-1000, 1000)), st.floats(0, 1))
def test_between_two_pairs_lies_what_is_between_their_values(pairs: list[Pair], share: float) -> None:
    calibrate = Calibration(pairs)
    for (raw, value), (next_raw, next_value) in pairwise(pairs):
        between = calibrate(min(raw + share * (next_raw - raw), next_raw))
        margin = 1e-9 * max(1, abs(value), abs(next_value))
        assert min(value, next_value) - margin <= between <= max(value, next_value) + margin


@given(tables(st.floats(-1000, 1000)), st.lists(st.floats(-2e6, 2e6), min_size=2, max_size=10))
def test_where_all_values_rise_more_gives_more(pairs: list[Pair], raws: list[float]) -> None:
    rising = [(raw, float(number)) for number, (raw, _) in enumerate(pairs)]
    results = [Calibration(rising)(raw) for raw in sorted(raws)]
    assert all(b >= a - 1e-9 * max(1, abs(a)) for a, b in pairwise(results))


@given(tables(steps) | tables(steps.map(lambda step: -step)), st.floats(-0.5, 1.5))
def test_the_way_back_leads_back(pairs: list[Pair], share: float) -> None:
    """Also beyond the ends, where the last line goes on."""
    calibrate = Calibration(pairs)
    raw = pairs[0][0] + share * (pairs[-1][0] - pairs[0][0])
    assert calibrate.inverse()(calibrate(raw)) == pytest.approx(raw, rel=1e-3, abs=1e-2)
