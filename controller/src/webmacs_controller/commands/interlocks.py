"""Whether the interlocks of a command allow it, by what this controller itself has measured."""

from collections.abc import Iterable

from webmacs_controller.configuration.settings import Interlock
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Source
from webmacs_controller.sdk.quality import Quality, is_good, reason

EQUAL = 1e-9
"""Values that differ by no more are equal; the database says the same (db/rule_conditions.sql)."""


def blocking(interlocks: Iterable[tuple[Source | None, Interlock]], newest: Newest, *, simulated: bool) -> str | None:
    """Why the actuator, which may be a simulated one, may not move now, in words; None if it may. What is not measured
    here (None) blocks: nobody else is asked."""
    reasons = (_reason(source, lock, newest, simulated) for source, lock in interlocks)
    return next((reason for reason in reasons if reason is not None), None)


def _reason(source: Source | None, lock: Interlock, newest: Newest, simulated: bool) -> str | None:
    if source is None:
        return "interlock: what it asks for is not measured by this controller"
    name = "/".join(source)
    point = newest.get(source, lock.max_age)
    if point is None:
        return f"interlock: {name} has no value of the last {lock.max_age:g} s"
    # what is simulated lets move what is simulated, too, and nothing real (db/interlocks.sql says the same)
    if not (is_good(point.quality) or (simulated and point.quality == Quality.SIMULATED)):
        return f"interlock: the value of {name} is not good ({reason(point.quality)})"
    if not holds(lock, point.value):
        upper = "" if lock.threshold_high is None else f" and {lock.threshold_high:g}"
        return f"interlock: {name} is {point.value:g}, it must be {lock.operator} {lock.threshold:g}{upper}"
    return None


def holds(lock: Interlock, value: float) -> bool:
    """Whether `value` fulfils the condition; a range without its upper bound is never fulfilled."""
    low, high = lock.threshold, lock.threshold_high
    match lock.operator:
        case "gt":
            return value > low
        case "gte":
            return value >= low
        case "lt":
            return value < low
        case "lte":
            return value <= low
        case "eq":
            return abs(value - low) <= EQUAL
        case "between":
            return high is not None and low <= value <= high
        case "not_between":
            return high is not None and (value < low or value > high)
