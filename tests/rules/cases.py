"""The table of cases: named dimensions, crossed. A case is a rule, and points in the order in which they arrive.

What only the passing of time would bring is at least half an hour away from the last point of each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from tests.rules.arrivals import ARRIVALS
from tests.rules.reference import Event, Machine, Point, Rule
from tests.rules.traces import BAND, HIGH, HOUR, LEVELS, LOW, levels, slopes

SHAPES = {
    "spike": "___^____=__v__",
    "flicker": "_^-^-_-^=-o-^_",
    "ramp": "__o-=^^^^=-o__",
    "step": "___^^^^^^^^^^^",
    "plateau": "_^^^^^^^______",
    "gaps": "_^...^_....^..._^......_^_",
}
BAD = {
    "spike is bad": "__b__^__b_",
    "bad among good": "_^b^_b_^b_",
    "uncertain counts": "__u__^u__",
    "only bad": "bbbbbb",
    "bad at the end": "__^^bbbb",
}
DEADBANDS = {"": 0.0, "deadband": BAND}
DELAYS = {
    "at once": (0.0, 0.0),
    "on 2 h": (2.0, 0.0),
    "off 2 h": (0.0, 2.0),
    "on 2 h off 3 h": (2.0, 3.0),
    "both 90 min": (1.5, 1.5),
}
COOLDOWNS = {"": 0.0, "cooldown 3 h": 3.0, "cooldown 100 h": 100.0}
BANDED = ("between", "not_between")


@dataclass(frozen=True)
class Case:
    """A rule and what arrives."""

    name: str
    rule: Rule
    arriving: tuple[Point, ...]

    def expected(self) -> Event:
        """The reference after all has arrived."""
        event = Event([Machine(self.rule)])
        for point in self.arriving:
            event.arrive(point)
        return event


def _threshold(operator: str = "gt", deadband: float = 0.0) -> Rule:
    return Rule("threshold", operator, LOW, HIGH if operator in BANDED else None, deadband)


def _rate(operator: str, hours: float, deadband: float = 0.0) -> Rule:
    return replace(_threshold(operator, deadband), kind="rate", window_seconds=hours * HOUR)


def _no_data(hours: float) -> Rule:
    return Rule("no_data", None, None, timeout_seconds=hours * HOUR)


def _timed(rule: Rule, delays: str = "at once", cooldown: str = "") -> Rule:
    on, off = DELAYS[delays]
    return replace(
        rule,
        on_delay_seconds=on * HOUR,
        off_delay_seconds=off * HOUR,
        cooldown_seconds=COOLDOWNS[cooldown] * HOUR,
    )


def _case(name: str, rule: Rule, trace: str, arrival: str = "in_order") -> Case:
    made = slopes if rule.kind == "rate" else levels
    points = made(trace, rule.operator or "gt")
    order = next(order for order in ARRIVALS if order.__name__ == arrival)
    return Case(name, rule, tuple(order(points)))


def _named(*words: str) -> str:
    return ", ".join(word for word in words if word)


def _operators() -> Iterator[Case]:
    for operator, (band, width), (shape, trace) in product(LEVELS, DEADBANDS.items(), SHAPES.items()):
        yield _case(_named(operator, band, shape), _threshold(operator, width), trace)


def _delays() -> Iterator[Case]:
    for delays, (band, width), (shape, trace) in product(list(DELAYS)[1:], DEADBANDS.items(), SHAPES.items()):
        yield _case(_named("gt", band, delays, shape), _timed(_threshold("gt", width), delays), trace)


def _cooldowns() -> Iterator[Case]:
    rule = _threshold("gte", BAND)
    for cooldown, delays, (shape, trace) in product(list(COOLDOWNS)[1:], DELAYS, SHAPES.items()):
        yield _case(_named("gte", delays, cooldown, shape), _timed(rule, delays, cooldown), trace)


def _arrivals() -> Iterator[Case]:
    rules = {
        "gt": _threshold("gt", BAND),
        "between, on 2 h off 3 h": _timed(_threshold("between", BAND), "on 2 h off 3 h"),
        "lt, cooldown 3 h": _timed(_threshold("lt"), "at once", "cooldown 3 h"),
        "rate, window 3 h": _rate("gt", 3),
        "no data": _no_data(1.5),
    }
    for (watched, rule), order, shape in product(rules.items(), ARRIVALS[1:], ("flicker", "plateau", "gaps")):
        name = _named(watched, shape, order.__name__.replace("_", " "))
        yield _case(name, rule, SHAPES[shape], order.__name__)


def _rates() -> Iterator[Case]:
    for operator, hours, shape in product(LEVELS, (1.0, 3.0), ("flicker", "plateau", "gaps")):
        name = _named("rate", operator, f"window {hours:g} h", shape)
        yield _case(name, _rate(operator, hours, BAND), SHAPES[shape])


def _silences() -> Iterator[Case]:
    gaps = {
        "gaps": SHAPES["gaps"],
        "long silence": "__......._......",
        "none": "________",
        "bad counts": "_b.b..b.....b",
    }
    for hours, delays, cooldown in product((2.0, 2.5), ("at once", "on 2 h off 3 h"), COOLDOWNS):
        for shape, trace in gaps.items():
            rule = _timed(_no_data(hours), delays, cooldown)
            yield _case(_named("no data", f"{hours:g} h", delays, cooldown, shape), rule, trace)


def _qualities() -> Iterator[Case]:
    rules = {
        "gt": _threshold(),
        "gt, on 2 h off 3 h": _timed(_threshold(), "on 2 h off 3 h"),
        "rate": _rate("gte", 3),
    }
    for (watched, rule), (shape, trace) in product(rules.items(), BAD.items()):
        yield _case(_named(watched, shape), rule, trace)


CASES = (*_operators(), *_delays(), *_cooldowns(), *_arrivals(), *_rates(), *_silences(), *_qualities())
