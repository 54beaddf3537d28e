"""A recipe that moves the actuators slowly, so that a plant which nobody drives shows lively curves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setpoint:
    """What the actuators reach, in %, after `seconds` of an even ramp from the set-point before."""

    seconds: float
    heater: float
    valve: float


RECIPE = (
    Setpoint(20, 10, 45),  # start the air, which carries the bed
    Setpoint(60, 75, 50),  # warm up
    Setpoint(90, 75, 60),  # hold
    Setpoint(40, 40, 85),  # dry with much air
    Setpoint(60, 55, 55),
    Setpoint(45, 20, 35),  # let the bed sink
    Setpoint(45, 0, 20),  # cool down
)
PERIOD = sum(setpoint.seconds for setpoint in RECIPE)


def actuators(seconds: float) -> tuple[float, float]:
    """Heater and valve in % at a time since the start of the program, which begins again for ever."""
    left = seconds % PERIOD
    before = RECIPE[-1]
    for setpoint in RECIPE:
        if left <= setpoint.seconds:
            return _between(before, setpoint, left / setpoint.seconds)
        left -= setpoint.seconds
        before = setpoint
    return before.heater, before.valve


def _between(before: Setpoint, after: Setpoint, share: float) -> tuple[float, float]:
    heater = before.heater + (after.heater - before.heater) * share
    valve = before.valve + (after.valve - before.valve) * share
    return heater, valve
