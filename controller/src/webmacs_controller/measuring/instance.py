"""One configured plugin, called by one at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from webmacs_controller.clock.clock import Clock
from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.turn import Turn
from webmacs_controller.sdk import Channel, Direction, Plugin, PluginError

log = logging.getLogger(__name__)


class Instance:
    """A plugin with the name and the interval (in seconds) that the configuration gives it. `clock` gives the times."""

    def __init__(self, name: str, plugin: Plugin[Any], interval: float, clock: Clock | None = None) -> None:
        self.name = name
        self.plugin = plugin
        self.interval = interval
        self.channels: dict[str, Channel] = {channel.id: channel for channel in plugin.channels()}
        self._turn = Turn(name, plugin, self.channels, clock or Clock())
        self._device = asyncio.Lock()

    @property
    def outputs(self) -> list[Channel]:
        """The channels that can be written."""
        return [channel for channel in self.channels.values() if channel.direction is Direction.OUTPUT]

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Wait for one's turn, first come, first served; nobody else calls the plugin until this ends."""
        async with self._device:
            yield self._turn

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connects, and disconnects also after a failure. Nothing is written: looking on must change nothing."""
        try:
            async with self.turn() as turn:
                await turn.connect()
            yield
        finally:
            await self._disconnect()

    async def read(self) -> list[Point]:
        """Measure all channels now. Raises whatever the plugin raises."""
        async with self.turn() as turn:
            return await turn.read()

    async def write(self, channel_id: str, value: float) -> None:
        """Set an output. Raises PluginError if it is none, or `value` is outside its range."""
        async with self.turn() as turn:
            await turn.write(channel_id, value)

    async def _disconnect(self) -> None:
        """Only logged if it fails: raised here, it would hide the failure, or the cancellation, that led to it."""
        try:
            async with self.turn() as turn:
                await turn.disconnect()
        except Exception as error:  # whatever a plugin raises
            log.warning("%s: did not disconnect: %s", self.name, describe(error))


def describe(error: Exception) -> str:
    """For people: a PluginError's message as it is, others with their kind."""
    return str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
