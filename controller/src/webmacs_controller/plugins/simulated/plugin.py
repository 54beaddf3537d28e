"""The plugin `simulated`."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from webmacs_controller import __version__
from webmacs_controller.plugins.simulated import program
from webmacs_controller.plugins.simulated.channels import INSTRUMENTS, Instrument
from webmacs_controller.plugins.simulated.process import Process
from webmacs_controller.sdk import Channel, Plugin, PluginError, PluginMeta, Quality, Sample, setting


@dataclass(frozen=True, slots=True)
class SimulatedConfig:
    """How the plant behaves."""

    program: Annotated[bool, setting("Move the actuators by a recipe until one is written.")] = True
    noise: Annotated[float, setting("1 = as good instruments have it, 0 = none.", ge=0, le=100)] = 1.0
    seed: Annotated[int, setting("The same seed gives the same noise.")] = 1


class SimulatedPlugin(Plugin[SimulatedConfig]):
    """Lets the process advance by the time that has really passed between two calls."""

    meta = PluginMeta(
        id="simulated",
        name="Simulated fluidised bed",
        version=__version__,
        description="A small reactor that exists only as equations, to see everything at work without a device.",
        demo=True,
    )
    config_type = SimulatedConfig

    def __init__(self, config: SimulatedConfig, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(config)
        self._clock = clock
        self._process = Process()
        self._random = random.Random(config.seed)  # noqa: S311 - noise, not a secret
        self._program = config.program
        self._started = self._now = clock()

    def channels(self) -> Sequence[Channel]:
        """Seven instruments and two actuators."""
        return [instrument.channel for instrument in INSTRUMENTS]

    async def connect(self) -> None:
        """The plant stays as it is; the program begins from its start."""
        self._advance()
        self._program = self.config.program
        self._started = self._now

    async def read(self) -> Sequence[Sample]:
        """All instruments, and the actuators as they stand."""
        self._advance()
        return [Sample(each.channel.id, self._measure(each), Quality.SIMULATED) for each in INSTRUMENTS]

    async def write(self, channel_id: str, value: float) -> None:
        """Set an actuator in %. From now on the program leaves the actuators alone."""
        self._advance()
        if channel_id == "heater_power":
            self._process.heater = value
        elif channel_id == "valve_position":
            self._process.valve = value
        else:
            raise PluginError(f"{channel_id} is not an output of the simulated plant")
        self._program = False

    def _advance(self) -> None:
        before, self._now = self._now, self._clock()
        if self._program:
            self._process.heater, self._process.valve = program.actuators(self._now - self._started)
        self._process.advance(self._now - before)

    def _measure(self, instrument: Instrument) -> float:
        noise = self._random.gauss(0, instrument.noise) * self.config.noise if instrument.noise else 0.0
        channel = instrument.channel
        return round(min(max(instrument.value(self._process) + noise, channel.min), channel.max), 4)
