"""The plugin `system`."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import psutil

from webmacs_controller import __version__
from webmacs_controller.plugins.system import machine
from webmacs_controller.plugins.system.channels import GB, channels
from webmacs_controller.plugins.system.rate import Rate
from webmacs_controller.sdk import BlockingPlugin, Channel, ConfigError, PluginMeta, Sample, setting

Reading = tuple[str, float]


@dataclass(frozen=True, slots=True)
class SystemConfig:
    """What to look at."""

    disk_path: Annotated[str, setting("Any path on the disk to watch.", min_length=1)] = "/"


class SystemPlugin(BlockingPlugin[SystemConfig]):
    """Blocking, because asking a disk can take its time. Rates need two readings: the first one may lack them."""

    meta = PluginMeta(
        id="system",
        name="System",
        version=__version__,
        description="The machine that the controller runs on: processor, memory, disk, network, temperature.",
    )
    config_type = SystemConfig

    def __init__(self, config: SystemConfig) -> None:
        super().__init__(config)
        try:
            self._channels = channels(config.disk_path)
        except OSError as error:
            raise ConfigError(f"disk_path: {config.disk_path!r} cannot be watched: {error.strerror}") from None
        self._disk_rate = Rate(machine.disk_bytes)
        self._network_rate = Rate(machine.network_bytes)

    def channels(self) -> Sequence[Channel]:
        """As the machine has them."""
        return self._channels

    def connect_blocking(self) -> None:
        """Starts to count: processor use and rates are measured from one reading to the next."""
        psutil.cpu_percent()
        self._disk_rate.restart()
        self._network_rate.restart()

    def read_blocking(self) -> Sequence[Sample]:
        """Everything that the machine has, now."""
        offered = {channel.id for channel in self._channels}
        readings = [*_load(), *_memory(), *self._disk(), *self._network(), *_temperature()]
        return [Sample(channel_id, value) for channel_id, value in readings if channel_id in offered]

    def _disk(self) -> Iterator[Reading]:
        usage = psutil.disk_usage(self.config.disk_path)
        yield "disk_percent", usage.percent
        yield "disk_used_gb", usage.used / GB
        yield from zip(("disk_read_mb_s", "disk_write_mb_s"), _scaled(self._disk_rate, 1e6), strict=False)

    def _network(self) -> Iterator[Reading]:
        rates = _scaled(self._network_rate, 1e3)
        yield from zip(("network_receive_kb_s", "network_send_kb_s"), rates, strict=False)


def _scaled(rate: Rate, unit: float) -> list[float]:
    return [value / unit for value in rate.per_second()]


def _load() -> Iterator[Reading]:
    yield "cpu_percent", psutil.cpu_percent()
    yield "load_average_1m", psutil.getloadavg()[0]
    yield "uptime_hours", (time.time() - psutil.boot_time()) / 3600


def _memory() -> Iterator[Reading]:
    memory = psutil.virtual_memory()
    yield "memory_percent", memory.percent
    # total - available, as the percentage has it: caches that the machine gives back at once are not used
    yield "memory_used_gb", (memory.total - memory.available) / GB
    yield "swap_percent", psutil.swap_memory().percent


def _temperature() -> Iterator[Reading]:
    temperature = machine.processor_temperature()
    if temperature is not None:
        yield "cpu_temperature", temperature
