"""One configured plugin: the calls to it, one at a time, each within a time limit."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.readings import Readings
from webmacs_controller.sdk import Channel, Direction, Plugin, PluginError

log = logging.getLogger(__name__)

T = TypeVar("T")

CALL_SECONDS = 30.0
"""A plugin that takes longer for one call has failed."""


class Instance:
    """A plugin with the name and the interval (in seconds) that the configuration gives it."""

    def __init__(self, name: str, plugin: Plugin[Any], interval: float) -> None:
        self.name = name
        self.plugin = plugin
        self.interval = interval
        self.channels: dict[str, Channel] = {channel.id: channel for channel in plugin.channels()}
        self._readings = Readings(name, self.channels.values())
        self._device = asyncio.Lock()

    @property
    def outputs(self) -> list[Channel]:
        """The channels that can be written."""
        return [channel for channel in self.channels.values() if channel.direction is Direction.OUTPUT]

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Connects, and disconnects also after a failure. Nothing is written: looking on must change nothing."""
        try:
            await self._call("connecting", self.plugin.connect)
            yield
        finally:
            await self._disconnect()

    async def read(self) -> list[Point]:
        """Measure all channels now. Raises whatever the plugin raises."""
        samples = await self._call("reading", self.plugin.read)
        return self._readings.points(samples, datetime.now(UTC))

    async def write(self, channel_id: str, value: float) -> None:
        """Set an output. Raises PluginError if it is none, or `value` is outside its range."""
        channel = self.channels.get(channel_id)
        if channel is None or channel.direction is not Direction.OUTPUT:
            raise PluginError(f"{self.name} has no output {channel_id!r}")
        if not channel.allows(value):
            raise PluginError(f"{channel_id} takes {channel.min:g} to {channel.max:g} {channel.unit}, not {value:g}")
        await self._call("writing", lambda: self.plugin.write(channel_id, value))

    async def _disconnect(self) -> None:
        """Only logged if it fails: raised here, it would hide the failure, or the cancellation, that led to it."""
        try:
            await self._call("disconnecting", self.plugin.disconnect)
        except Exception as error:  # whatever a plugin raises
            log.warning("%s: did not disconnect: %s", self.name, describe(error))

    async def _call(self, what: str, call: Callable[[], Awaitable[T]]) -> T:
        limit = asyncio.timeout(CALL_SECONDS)
        try:
            async with limit, self._device:
                return await call()
        except TimeoutError:
            if limit.expired():
                raise PluginError(f"{what} took longer than {CALL_SECONDS:g} s") from None
            raise  # the plugin's own


def describe(error: Exception) -> str:
    """For people: a PluginError's message as it is, others with their kind."""
    return str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}"
