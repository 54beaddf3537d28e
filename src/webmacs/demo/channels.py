"""The channels that have a past, by the names that the demo controller gives them on first contact.

What depends on the machine (sizes of its memory and disk) is left to the controller itself.
"""

from typing import Any

CONTROLLER = "demo"
SIMULATED = "simulated"


def _channel(name: str, title: str, unit: str, low: float, high: float, direction: str = "input") -> dict[str, Any]:
    return {"id": name, "name": title, "unit": unit, "min": low, "max": high, "direction": direction}


REACTOR = [
    _channel("temp_inlet", "Inlet temperature", "°C", 0, 150),
    _channel("temp_reactor", "Bed temperature", "°C", 0, 250),
    _channel("temp_outlet", "Outlet temperature", "°C", 0, 250),
    _channel("pressure_chamber", "Chamber pressure", "bar", 0, 2),
    _channel("pressure_diff", "Differential pressure", "mbar", 0, 50),
    _channel("volume_flow", "Volume flow", "m³/h", 0, 150),
    _channel("humidity", "Exhaust humidity", "%", 0, 100),
    _channel("heater_power", "Heater power", "%", 0, 100, "output"),
    _channel("valve_position", "Valve position", "%", 0, 100, "output"),
]

MACHINE = [
    _channel("cpu_percent", "CPU", "%", 0, 100),
    _channel("memory_percent", "Memory", "%", 0, 100),
    _channel("disk_percent", "Disk", "%", 0, 100),
]

INSTANCES = [
    {"name": "Reactor", "plugin": SIMULATED, "interval_seconds": 0.5, "channels": REACTOR},
    {"name": "Machine", "plugin": "system", "interval_seconds": 2, "channels": MACHINE},
]
