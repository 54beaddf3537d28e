"""The devices, which outlive every program, and the plugins that read and drive them.

A value is a setting (0 for inputs) and, behind the point, the number of its reading: so none is like another.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from webmacs_controller.configuration.settings import InstanceSettings
from webmacs_controller.sdk import (
    BlockingPlugin,
    Channel,
    ConfigError,
    Direction,
    Plugin,
    PluginError,
    PluginMeta,
    Sample,
)

from tests.simulation.world import World

READINGS = 1 << 20
MOST = 1e6


@dataclass(frozen=True)
class Write:
    """An output was set."""

    at: float
    channel: str
    value: float


class Device:
    """`fails`: it does not answer. `outputs` are as they are now; `asked` and `written` are told of each setting."""

    def __init__(self, world: World, name: str, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self.name = name
        self.fails = False
        self.inputs = inputs
        self.outputs = dict.fromkeys(outputs, 0.0)
        self.asked: Callable[[str, float], None] = lambda channel, value: None
        self.written: Callable[[str, float], None] = lambda channel, value: None
        self._world = world
        self._readings: Counter[str] = Counter()

    def channels(self) -> list[Channel]:
        inputs = [Channel(name, name, "1", 0, MOST) for name in self.inputs]
        return inputs + [Channel(name, name, "1", 0, MOST, Direction.OUTPUT, 0) for name in self.outputs]

    def read(self) -> list[Sample]:
        self._answer()
        values = {**dict.fromkeys(self.inputs, 0.0), **self.outputs}
        self._readings.update(list(values))
        return [Sample(name, value + self._readings[name] / READINGS) for name, value in values.items()]

    def write(self, channel: str, value: float) -> None:
        self._answer()
        self.outputs[channel] = value
        self.written(channel, value)

    def _answer(self) -> None:
        if self.fails:
            raise PluginError("the device does not answer")


class Blocking(BlockingPlugin[Any]):
    """Of a driver that blocks."""

    meta = PluginMeta("blocking", "Blocking", "1.0")

    def __init__(self, device: Device) -> None:
        super().__init__({})
        self._device = device

    def channels(self) -> Sequence[Channel]:
        return self._device.channels()

    def read_blocking(self) -> Sequence[Sample]:
        return self._device.read()

    async def write(self, channel_id: str, value: float) -> None:
        self._device.asked(channel_id, value)
        await super().write(channel_id, value)

    def write_blocking(self, channel_id: str, value: float) -> None:
        self._device.write(channel_id, value)


class Wires(Executor):
    """Over which an asynchronous driver reaches its device."""

    name = "plugin wires"


class Asynchronous(Plugin[Any]):
    """Of a driver that does not block."""

    meta = PluginMeta("asynchronous", "Asynchronous", "1.0")

    def __init__(self, device: Device) -> None:
        super().__init__({})
        self._device = device
        self._wires = Wires()

    def channels(self) -> Sequence[Channel]:
        return self._device.channels()

    async def read(self) -> Sequence[Sample]:
        return await asyncio.get_running_loop().run_in_executor(self._wires, self._device.read)

    async def write(self, channel_id: str, value: float) -> None:
        self._device.asked(channel_id, value)
        await asyncio.get_running_loop().run_in_executor(self._wires, self._device.write, channel_id, value)


class Plant:
    """All devices; `make` gives the controller a plugin for one of them."""

    def __init__(self, world: World) -> None:
        self.devices = {
            "Rack": Device(world, "Rack", ["t1", "t2"], ["pump"]),
            "Bus": Device(world, "Bus", ["p1", "p2", "p3"], ["valve"]),
            "Lab": Device(world, "Lab", ["x"], []),
        }

    def make(self, settings: InstanceSettings) -> Plugin[Any]:
        """Raises ConfigError."""
        if settings.config.get("wrong"):
            raise ConfigError("config.wrong: must not be set")
        return {"blocking": Blocking, "asynchronous": Asynchronous}[settings.plugin](self.devices[settings.name])
