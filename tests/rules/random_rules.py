"""Random rules and histories for hypothesis: few values, instants and delays, so that much falls together."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st

from tests.db.ingest import at
from tests.rules.reference import Point, Rule
from tests.rules.traces import BAND, HIGH, LEVELS, LOW

EVENTS = 2
RULES_AN_EVENT = 3


@dataclass(frozen=True)
class Arrives:
    """A point of this event joins the batch."""

    event: int
    point: Point


@dataclass(frozen=True)
class Cut:
    """The batch is sent, and what comes next is another one."""


@dataclass(frozen=True)
class Passes:
    """So many seconds pass, then the clock ticks."""

    seconds: float


@dataclass(frozen=True)
class Changes:
    """A rule is switched off and on again."""

    rule: int


Act = Arrives | Cut | Passes | Changes

_values = st.sampled_from(sorted({float(value) for levels in LEVELS.values() for value in levels.values()}))
_delays = st.sampled_from([0.0, 0.0, 1.0, 2.5, 6.0])
_cooldowns = st.sampled_from([0.0, 0.0, 3.0, 12.5])
_operators = st.sampled_from(list(LEVELS))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule of any kind."""
    kind = draw(st.sampled_from(["threshold", "threshold", "rate", "no_data"]))
    delayed = Rule(on_delay_seconds=draw(_delays), off_delay_seconds=draw(_delays), cooldown_seconds=draw(_cooldowns))
    if kind == "no_data":
        timeout = draw(st.sampled_from([1.0, 2.5, 5.0]))
        return replace(delayed, kind=kind, operator=None, threshold=None, timeout_seconds=timeout)
    operator = draw(_operators)
    return replace(
        delayed,
        kind=kind,
        operator=operator,
        threshold=LOW,
        threshold_high=HIGH if operator in ("between", "not_between") else None,
        deadband=draw(st.sampled_from([0.0, BAND, 5.0])),
        window_seconds=draw(st.sampled_from([1.0, 3.0, 10.5])) if kind == "rate" else None,
    )


_points = st.builds(Point, st.integers(0, 30).map(at), _values, st.sampled_from([192, 192, 192, 192, 64, 63, 0]))
_arrivals = st.builds(Arrives, st.integers(0, EVENTS - 1), _points)
_passing = st.builds(Passes, st.sampled_from([0.0, 0.5, 1.0, 2.5, 7.0, 30.0]))
_changes = st.builds(Changes, st.integers(0, EVENTS * RULES_AN_EVENT - 1))
some_rules = st.lists(rules(), min_size=EVENTS * RULES_AN_EVENT, max_size=EVENTS * RULES_AN_EVENT)


@st.composite
def in_order_points(draw: st.DrawFn) -> list[Act]:
    """Points of both events in the order of time, most of them close together."""
    steps = draw(
        st.lists(st.tuples(st.integers(0, EVENTS - 1), st.sampled_from([1, 1, 1, 2, 3, 8]), _points), max_size=40)
    )
    now, acts = [0] * EVENTS, list[Act]()
    for event, step, point in steps:
        now[event] += step
        acts.append(Arrives(event, replace(point, ts=at(now[event]))))
    return acts


def spiced(acts: list[Act], spices: list[tuple[int, Act]]) -> list[Act]:
    """The acts with others among them."""
    for place, act in spices:
        acts.insert(place % (len(acts) + 1), act)
    return acts


def _with(spice: st.SearchStrategy[Act]) -> st.SearchStrategy[list[tuple[int, Act]]]:
    return st.lists(st.tuples(st.integers(0, 50), spice), max_size=12)


in_order = st.builds(spiced, in_order_points(), _with(st.just(Cut())))
untidy = st.builds(spiced, in_order_points(), _with(st.one_of(st.just(Cut()), _arrivals)))
with_a_clock = st.builds(spiced, in_order_points(), _with(st.one_of(st.just(Cut()), _arrivals, _passing, _changes)))
