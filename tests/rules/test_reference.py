"""The reference, against steps worked out by hand: f3 is 'fired at 3 h', c4 'cleared at 4 h'."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.rules.cases import CASES
from tests.rules.reference import Event, Machine, Point, Rule
from tests.rules.traces import HOUR, LEVELS, hour, levels, slopes

GT = Rule()
BANDED = replace(GT, deadband=2.0)
NO_DATA = Rule("no_data", None, None, timeout_seconds=2 * HOUR)


def _delayed(rule: Rule = GT, on: float = 0, off: float = 0, cooldown: float = 0) -> Rule:
    rule = replace(rule, on_delay_seconds=on * HOUR, off_delay_seconds=off * HOUR)
    return replace(rule, cooldown_seconds=cooldown * HOUR)


def _after(rule: Rule, points: list[Point]) -> Event:
    event = Event([Machine(rule, watching_since=hour(0))])
    for point in points:
        event.arrive(point, received=hour(1000))
    return event


def _told(event: Event) -> str:
    steps = event.machines[0].steps
    return " ".join(f"{step.what[0]}{(step.at - hour(0)) / timedelta(hours=1):g}" for step in steps)


@pytest.mark.parametrize(
    ("rule", "trace", "steps"),
    [
        (GT, "___^____", "f3 c4"),
        (GT, "_^-^", "f1 c2 f3"),
        (BANDED, "_^-^_", "f1 c4"),
        (BANDED, "_^-o", "f1 c3"),
        (_delayed(on=2), "_^^_", ""),  # it held exactly as long as the delay: not longer
        (_delayed(on=2), "_^^", ""),
        (_delayed(on=2), "_^^^", "f3"),
        (_delayed(BANDED, on=2), "_^^-", "f3"),
        (_delayed(on=2), "_^.._", "f3 c4"),
        (_delayed(on=2), "_^_^_^_", ""),
        (_delayed(off=2), "^_^__^", "f0"),
        (_delayed(off=2), "^__", "f0"),
        (_delayed(off=2), "^____", "f0 c3"),
        (_delayed(cooldown=3), "^_^____", "f0 c1"),
        (_delayed(cooldown=3), "^_^^_", "f0 c1 f3 c4"),
        (_delayed(cooldown=3), "^_^", "f0 c1"),
        (_delayed(cooldown=3), "^_^.._", "f0 c1 f3 c5"),
        (_delayed(cooldown=3), "^_^.", "f0 c1"),
        (_delayed(on=1, off=1, cooldown=4), "^^_^^__^^_^^", "f1 c6 f8"),
        (GT, "_bb_u_", "f4 c5"),
        (_delayed(on=2), "_^bb", "f3"),  # a bad value is not judged, but time goes on
        (NO_DATA, "_._", ""),
        (NO_DATA, "_..", ""),
        (NO_DATA, "_..._", "f2 c4"),
        (NO_DATA, "_.b..._", "f4 c6"),
        (_delayed(NO_DATA, on=1), "_.._", ""),
        (_delayed(NO_DATA, on=1), "_..._", "f3 c4"),
        (_delayed(NO_DATA, off=3), "_..._..._...._", "f2"),
    ],
)
def test_steps(rule: Rule, trace: str, steps: str) -> None:
    assert _told(_after(rule, levels(trace, "gt"))) == steps


@pytest.mark.parametrize("operator", LEVELS)
def test_levels_mean_what_they_say(operator: str) -> None:
    """A level inside the deadband holds what was; without a deadband it clears."""
    high = 20.0 if operator in ("between", "not_between") else None
    rule = Rule(operator=operator, threshold_high=high)
    assert _told(_after(replace(rule, deadband=2.0), levels("_-^-^_", operator))) == "f2 c5"
    assert _told(_after(rule, levels("_-^-_", operator))) == "f2 c3"


def test_the_rate_is_taken_from_the_oldest_good_value_of_the_window() -> None:
    rule = Rule("rate", "gt", 10.0, window_seconds=2 * HOUR)
    event = _after(rule, slopes("__^^b___", "gt"))
    values = [step.value for step in event.machines[0].steps]
    # bad at 4; at 5 the oldest good one is of 3
    assert (_told(event), values) == ("f3 c5", [12.5, (12.5 + 5) / 2])


def test_no_rate_without_an_older_value_in_the_window() -> None:
    assert _told(_after(Rule("rate", "gt", 1.0, window_seconds=HOUR), slopes("^.^.^", "gt"))) == ""


def test_late_refused_and_repeated_points_drive_nothing() -> None:
    event = _after(GT, [])
    sent = [(1, 5), (3, 5), (2, 99), (3, 99), (3, 5), (4, 5)]
    refused = [event.arrive(Point(hour(at), value)) for at, value in sent]
    assert refused == [None, None, None, "conflict", "duplicate", None]
    assert (_told(event), event.late) == ("", [Point(hour(2), 99)])


def test_the_clock_goes_on_from_the_newest_point() -> None:
    event = _after(_delayed(on=2), levels("_^", "gt"))
    told = []
    for wall in (1000, 1001.99, 1002, 1003):
        event.tick(hour(wall))
        told.append(_told(event))
    assert told == ["", "", "f3", "f3"]


def test_a_backlog_clears_what_the_clock_fired_not_before_it_fired() -> None:
    event = _after(_delayed(on=4), levels("_^", "gt"))
    event.tick(hour(1004))
    event.arrive(Point(hour(2), 3), hour(1005))
    assert _told(event) == "f5 c5"


def test_no_data_counts_from_when_the_rule_was_made() -> None:
    event = Event([Machine(NO_DATA, watching_since=hour(500))])
    event.tick(hour(501))
    assert _told(event) == ""
    event.tick(hour(502))
    assert (_told(event), event.machines[0].steps[0].value) == ("f502", None)


def test_a_changed_rule_clears_what_has_fired_and_begins_anew() -> None:
    event = _after(_delayed(cooldown=100), levels("_^", "gt"))
    event.machines = [event.machines[0].anew(hour(1000), hour(1000), 3)]
    event.arrive(Point(hour(2), 11), hour(1001))
    assert _told(event) == "f1 c1000 f2"


def test_values_are_those_with_which_it_began() -> None:
    event = _after(_delayed(on=2, off=1), [Point(hour(n), value) for n, value in enumerate((0, 11, 12, 13, 4, 3, 2))])
    assert [step.value for step in event.machines[0].steps] == [11, 4]


def test_the_table_is_large_and_its_names_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 200
    assert sum(bool(case.expected().machines[0].steps) for case in CASES) > 0.75 * len(CASES)
