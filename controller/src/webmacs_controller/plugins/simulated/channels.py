"""The instruments of the simulated plant: channel, where in the process it measures, and how much it trembles."""

from collections.abc import Callable
from dataclasses import dataclass

from webmacs_controller.plugins.simulated.process import Process
from webmacs_controller.sdk import Channel, Direction


@dataclass(frozen=True, slots=True)
class Instrument:
    """`noise` is the standard deviation in the channel's unit."""

    channel: Channel
    value: Callable[[Process], float]
    noise: float = 0.0


INSTRUMENTS = (
    Instrument(Channel("temp_inlet", "Inlet temperature", "°C", 0, 150), lambda process: process.inlet, 0.08),
    Instrument(Channel("temp_reactor", "Bed temperature", "°C", 0, 250), lambda process: process.reactor, 0.12),
    Instrument(Channel("temp_outlet", "Outlet temperature", "°C", 0, 250), lambda process: process.outlet, 0.08),
    Instrument(Channel("pressure_chamber", "Chamber pressure", "bar", 0, 2), lambda process: process.pressure, 0.0008),
    Instrument(
        Channel("pressure_diff", "Differential pressure", "mbar", 0, 50), lambda process: process.bed_pressure, 0.25
    ),
    Instrument(Channel("volume_flow", "Volume flow", "m³/h", 0, 150), lambda process: process.flow, 0.5),
    Instrument(Channel("humidity", "Exhaust humidity", "%", 0, 100), lambda process: process.humidity, 0.2),
    Instrument(
        Channel("heater_power", "Heater power", "%", 0, 100, Direction.OUTPUT, 0), lambda process: process.heater
    ),
    Instrument(
        Channel("valve_position", "Valve position", "%", 0, 100, Direction.OUTPUT, 0), lambda process: process.valve
    ),
)
