"""How far a value can be relied on: a byte as OPC DA has it, one place for what its codes mean.

192 and more is good, 64 to 191 uncertain, less is bad. What is at least uncertain counts for rules, statistics and
rollups; what is bad is stored and shown, and nothing is concluded from it.
"""

from enum import IntEnum

HIGHEST = 255
USABLE = 64
"""A value of less quality is none that anything could be concluded from."""

LIMIT_BITS = 0b11
"""The lowest two bits say whether the value stands at its limit; they are no part of the reason."""


class Quality(IntEnum):
    """What plugins and the controller give. `MANUAL`: entered by hand; `CLOCK_NOT_SET`: the time is a guess."""

    GOOD = 192
    MANUAL = 216
    UNCERTAIN = 64
    OUT_OF_RANGE = 84
    SIMULATED = 96
    CLOCK_NOT_SET = 100
    BAD = 0
    CONFIGURATION = 4
    NOT_CONNECTED = 8
    SENSOR_FAULT = 16
    COMMUNICATION = 24


REASONS: dict[int, str] = {
    Quality.MANUAL: "good, entered by hand",
    Quality.OUT_OF_RANGE: "uncertain, out of range",
    Quality.SIMULATED: "uncertain, simulated",
    Quality.CLOCK_NOT_SET: "uncertain, clock not set",
    Quality.CONFIGURATION: "bad, wrong setting",
    Quality.NOT_CONNECTED: "bad, not connected",
    Quality.SENSOR_FAULT: "bad, sensor fault",
    Quality.COMMUNICATION: "bad, no communication",
}


def is_good(quality: int) -> bool:
    """Whether a value can be relied on without reserve."""
    return quality >= Quality.GOOD


def is_usable(quality: int) -> bool:
    """Whether a value counts: good or uncertain."""
    return quality >= USABLE


def reason(quality: int) -> str:
    """For people. A code that is not listed above is told by its class."""
    plain = "good" if is_good(quality) else "uncertain" if is_usable(quality) else "bad"
    return REASONS.get(quality & ~LIMIT_BITS, plain)
