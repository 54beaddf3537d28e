"""What psutil knows about this machine, in the shape that the plugin needs."""

import psutil

LINE_SPEED = 1000
"""Mbit/s, for a machine that does not tell the speed of its network."""

PROCESSOR_SENSORS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "soc_thermal", "acpitz")
"""Names under which Linux lists the processor's temperature, the most exact first."""


def disk_bytes() -> tuple[int, int]:
    """Bytes read from and written to all disks since the start."""
    counters = psutil.disk_io_counters()
    return (counters.read_bytes, counters.write_bytes) if counters else (0, 0)


def has_disk_counters() -> bool:
    """Not so in some containers."""
    return psutil.disk_io_counters() is not None


def network_bytes() -> tuple[int, int]:
    """Bytes received and sent since the start; what the machine tells itself does not count."""
    counters = [nic for name, nic in psutil.net_io_counters(pernic=True).items() if not name.startswith("lo")]
    return sum(nic.bytes_recv for nic in counters), sum(nic.bytes_sent for nic in counters)


def network_speed() -> float:
    """Mbit/s of the fastest network interface."""
    speeds = [nic.speed for name, nic in psutil.net_if_stats().items() if nic.isup and not name.startswith("lo")]
    return max(speeds, default=0) or LINE_SPEED


def processor_temperature() -> float | None:
    """Degrees Celsius, or None on a machine without the sensor (most virtual ones)."""
    if not hasattr(psutil, "sensors_temperatures"):
        return None
    sensors = psutil.sensors_temperatures()
    for name in PROCESSOR_SENSORS:
        if sensors.get(name):
            return max(reading.current for reading in sensors[name])
    return None
