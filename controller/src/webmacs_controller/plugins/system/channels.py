"""The channels of this machine. Their ranges are what the machine has, so that gauges are right."""

from collections.abc import Iterator

import psutil

from webmacs_controller.plugins.system import machine
from webmacs_controller.sdk import Channel

GB = 1e9
TEN_YEARS = 24 * 365 * 10.0


def channels(disk_path: str) -> list[Channel]:
    """Everything that can be measured here."""
    return [*_load(), *_memory(), *_disk(disk_path), *_network(), *_temperature()]


def _load() -> Iterator[Channel]:
    yield Channel("cpu_percent", "CPU", "%", 0, 100)
    yield Channel("load_average_1m", "Load average 1 min", "processes", 0, 16.0 * (psutil.cpu_count() or 1))
    yield Channel("uptime_hours", "Uptime", "h", 0, TEN_YEARS)


def _memory() -> Iterator[Channel]:
    yield Channel("memory_percent", "Memory", "%", 0, 100)
    yield Channel("memory_used_gb", "Memory used", "GB", 0, psutil.virtual_memory().total / GB)
    yield Channel("swap_percent", "Swap", "%", 0, 100)


def _disk(path: str) -> Iterator[Channel]:
    yield Channel("disk_percent", "Disk", "%", 0, 100)
    yield Channel("disk_used_gb", "Disk used", "GB", 0, psutil.disk_usage(path).total / GB)
    if machine.has_disk_counters():
        yield Channel("disk_read_mb_s", "Disk read", "MB/s", 0, 5000)
        yield Channel("disk_write_mb_s", "Disk write", "MB/s", 0, 5000)


def _network() -> Iterator[Channel]:
    limit = machine.network_speed() * 125  # Mbit/s to kB/s
    yield Channel("network_receive_kb_s", "Network receive", "kB/s", 0, limit)
    yield Channel("network_send_kb_s", "Network send", "kB/s", 0, limit)


def _temperature() -> Iterator[Channel]:
    if machine.processor_temperature() is not None:
        yield Channel("cpu_temperature", "CPU temperature", "°C", -20, 125)
