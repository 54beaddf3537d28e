"""How the demo mode moves a channel: a curve over time, in the channel's unit, the same for the same seed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Shape(StrEnum):
    """`DRIFT` goes about as a temperature does, `RAMP` rises and begins anew as a counter does, `STEP` is high and
    low in turn, `STEADY` stays."""

    DRIFT = "drift"
    WAVE = "wave"
    RAMP = "ramp"
    STEP = "step"
    STEADY = "steady"


@dataclass(frozen=True, slots=True)
class Simulation:
    """Around `base`, by at most `amplitude` up and down within `period` seconds; `noise` is the standard deviation of
    what comes on top."""

    base: float
    amplitude: float = 0.0
    period: float = 300.0
    noise: float = 0.0
    shape: Shape = Shape.DRIFT

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if not self.period > 0:
            raise ValueError(f"a simulation needs a period above 0 s, not {self.period}")


ON_OFF = Simulation(0.5, 0.5, 60.0, shape=Shape.STEP)
"""Of what is either 0 or 1."""


def within(low: float, high: float) -> Simulation:
    """What is taken for a channel that says nothing: like a measured quantity in the middle of its range."""
    span = high - low
    return Simulation((low + high) / 2, 0.2 * span, noise=0.002 * span)


class Curve:
    """One channel's signal. The same seed gives the same curve, and with the same calls the same noise."""

    def __init__(self, simulation: Simulation, seed: str) -> None:
        self._simulation = simulation
        self._random = Random(seed)  # noqa: S311 - a picture of a signal, not a secret
        self._phase = self._random.random()
        self._phases = [self._random.random() for _ in PARTS]

    def at(self, seconds: float) -> float:
        """The value at a time since the start."""
        simulation = self._simulation
        turn = seconds / simulation.period + self._phase
        course = self._drift(turn) if simulation.shape is Shape.DRIFT else SHAPES[simulation.shape](turn)
        noise = self._random.gauss(0, simulation.noise) if simulation.noise else 0.0
        return simulation.base + simulation.amplitude * course + noise

    def _drift(self, turn: float) -> float:
        """Waves whose lengths have no common multiple: it never comes again, and does not depend on when it is read."""
        waves = zip(PARTS, self._phases, strict=True)
        return sum(share * wave(turn * speed + phase) for (share, speed), phase in waves)


def wave(turn: float) -> float:
    """A sine, one period for each whole turn."""
    return math.sin(2 * math.pi * turn)


PARTS = ((0.6, 1.0), (0.25, math.sqrt(7)), (0.15, math.pi**2))
"""Share and speed of each wave of a drift; the shares are 1 together."""

SHAPES: dict[Shape, Callable[[float], float]] = {
    Shape.WAVE: wave,
    Shape.RAMP: lambda turn: 2 * (turn % 1) - 1,
    Shape.STEP: lambda turn: 1.0 if turn % 1 >= 0.5 else -1.0,
    Shape.STEADY: lambda turn: 0.0,
}
