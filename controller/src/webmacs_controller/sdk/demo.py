"""The demo mode: a plugin's channels without its device."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from webmacs_controller.sdk.channel import Channel, Direction, Sample
from webmacs_controller.sdk.errors import PluginError
from webmacs_controller.sdk.plugin import Plugin
from webmacs_controller.sdk.quality import Quality
from webmacs_controller.sdk.simulation import Curve, within


def in_demo_mode(plugin: Plugin[Any], seed: str) -> Plugin[Any]:
    """Something that takes the plugin's place. One that makes up its values anyway stays what it is."""
    return plugin if plugin.meta.demo else Demo(plugin, seed)


class Demo(Plugin[Any]):
    """Inputs follow their curves since `connect`, outputs are what was written. All of it is told to be simulated."""

    def __init__(self, plugin: Plugin[Any], seed: str) -> None:
        super().__init__(plugin.config)
        self.meta = replace(plugin.meta, demo=True)  # type: ignore[misc]  # that of the one whose place it takes
        self._channels = {channel.id: channel for channel in plugin.demo_channels()}
        self._seed = seed
        self._curves: dict[str, Curve] = {}
        self._outputs: dict[str, float] = {}
        self._started = 0.0

    def channels(self) -> Sequence[Channel]:
        """As the plugin has them."""
        return list(self._channels.values())

    async def connect(self) -> None:
        """The curves begin anew, outputs are safe, and set points where their simulation has them."""
        self._started = asyncio.get_running_loop().time()
        self._curves = {
            channel.id: Curve(channel.simulation or within(channel.min, channel.max), f"{self._seed}/{channel.id}")
            for channel in self._channels.values()
            if channel.direction is Direction.INPUT
        }
        self._outputs = {
            channel.id: _at_first(channel)
            for channel in self._channels.values()
            if channel.direction is Direction.OUTPUT
        }

    async def read(self) -> Sequence[Sample]:
        """All channels, within their ranges."""
        seconds = asyncio.get_running_loop().time() - self._started
        values = {channel_id: curve.at(seconds) for channel_id, curve in self._curves.items()} | self._outputs
        return [Sample(key, self._clamp(key, value), Quality.SIMULATED) for key, value in values.items()]

    async def write(self, channel_id: str, value: float) -> None:
        """Raises PluginError for what is no output."""
        if channel_id not in self._outputs:
            raise PluginError(f"{self.meta.name} has no output {channel_id!r}")
        self._outputs[channel_id] = value

    def _clamp(self, channel_id: str, value: float) -> float:
        channel = self._channels[channel_id]
        return min(max(value, channel.min), channel.max)


def _at_first(channel: Channel) -> float:
    if channel.safe_value is not None:
        return channel.safe_value
    return (channel.simulation or within(channel.min, channel.max)).base
