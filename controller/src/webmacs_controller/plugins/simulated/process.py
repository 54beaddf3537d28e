"""The physics: a heated bed of particles, fluidised by a stream of air. No clock, no noise, no input or output.

Air of the room enters through a valve, is warmed by a part of the heater, flows through the bed, which the rest of
the heater warms, and leaves. Each quantity follows its balance with a time constant of its own.
"""

import math

AMBIENT = 21.0  # °C
AMBIENT_HUMIDITY = 45.0  # % at AMBIENT
AMBIENT_PRESSURE = 1.013  # bar, absolute
HEATER_WATTS = 3000.0  # at 100 %
PREHEAT_SHARE = 0.2  # of the heater's power, given to the air before the bed
WALL_LOSS = 15.0  # W/K from the bed to the room
PREHEATER_LOSS = 5.0  # W/K
BED_CAPACITY = 3500.0  # J/K
AIR_CAPACITY = 1.2 * 1005 / 3600  # W/K for each m³/h of air
LEAK_FLOW = 2.0  # m³/h through a closed valve
FULL_FLOW = 120.0  # m³/h through an open one
FLUIDISATION_FLOW = 40.0  # m³/h from which the air carries the bed
BED_WEIGHT = 25.0  # mbar: pressure drop of the carried bed
STEP = 0.5  # s, far below the shortest time constant that matters to the others
LONGEST = 3600.0  # s, after which everything has long settled


def follow(value: float, target: float, seconds: float, time_constant: float) -> float:
    """Where `value` is after `seconds` on its way to `target`, first order, exact for any step."""
    return target + (value - target) * math.exp(-seconds / time_constant)


def saturation(temperature: float) -> float:
    """Vapour pressure of water in hPa (Magnus)."""
    return 6.112 * math.exp(17.62 * temperature / (243.12 + temperature))


class Process:
    """The state of the plant, cold and still at first; set `heater` and `valve` (0 … 100 %), then `advance` it."""

    def __init__(self) -> None:
        self.heater = 0.0
        self.valve = 0.0
        self.flow = LEAK_FLOW  # m³/h
        self.inlet = AMBIENT  # °C
        self.reactor = AMBIENT  # °C
        self.outlet = AMBIENT  # °C
        self.pressure = AMBIENT_PRESSURE  # bar
        self.bed_pressure = 0.0  # mbar
        self.humidity = AMBIENT_HUMIDITY  # %

    def advance(self, seconds: float) -> None:
        """Let time pass. More than an hour counts as an hour."""
        left = min(seconds, LONGEST)
        while left > 0:
            self._step(min(left, STEP))
            left -= STEP

    def _step(self, seconds: float) -> None:
        air = self.flow * AIR_CAPACITY
        self.flow = follow(self.flow, LEAK_FLOW + (FULL_FLOW - LEAK_FLOW) * self.valve / 100, seconds, 2.0)
        self._temperatures(air, seconds)
        self.pressure = follow(self.pressure, AMBIENT_PRESSURE + 0.2 * (self.flow / FULL_FLOW) ** 2, seconds, 1.5)
        self.bed_pressure = follow(self.bed_pressure, pressure_drop(self.flow), seconds, 0.8)
        vapour = AMBIENT_HUMIDITY * saturation(AMBIENT)
        self.humidity = follow(self.humidity, vapour / saturation(self.outlet), seconds, 10.0)

    def _temperatures(self, air: float, seconds: float) -> None:
        """`air` is the heat that the stream carries, in W/K."""
        power = HEATER_WATTS * self.heater / 100
        inlet = AMBIENT + PREHEAT_SHARE * power / (air + PREHEATER_LOSS)
        self.inlet = follow(self.inlet, inlet, seconds, 15.0)
        exchange = air + WALL_LOSS
        reactor = ((1 - PREHEAT_SHARE) * power + air * self.inlet + WALL_LOSS * AMBIENT) / exchange
        self.reactor = follow(self.reactor, reactor, seconds, BED_CAPACITY / exchange)
        self.outlet = follow(self.outlet, AMBIENT + 0.85 * (self.reactor - AMBIENT), seconds, 8.0)


def pressure_drop(flow: float) -> float:
    """Of the bed in mbar: grows with the flow until the air carries the bed, then hardly any more."""
    fixed = min(flow / FLUIDISATION_FLOW, 1.0) * BED_WEIGHT
    return fixed + 0.05 * max(flow - FLUIDISATION_FLOW, 0.0)
