"""The calls to one plugin, each within a time limit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from webmacs_controller.clock.clock import Clock
from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.readings import Readings
from webmacs_controller.sdk import Channel, Direction, OutcomeUnknownError, Plugin, PluginError

T = TypeVar("T")

CALL_SECONDS = 30.0
"""A plugin that takes longer for one call has failed."""


class TookTooLongError(OutcomeUnknownError):
    """The call was given up. A driver that blocks may still carry it out later."""


class Turn:
    """What may be called while it is one's turn, see `Instance.turn`: calls in a row that nothing comes between."""

    def __init__(self, name: str, plugin: Plugin[Any], channels: Mapping[str, Channel], clock: Clock) -> None:
        self._name = name
        self._plugin = plugin
        self._channels = channels
        self._clock = clock
        self._readings = Readings(name, channels.values())

    async def connect(self) -> None:
        """Raises whatever the plugin raises, as all of these."""
        await _limited("connecting", self._plugin.connect)

    async def read(self) -> list[Point]:
        """Measure all channels now."""
        samples = await _limited("reading", self._plugin.read)
        return self._readings.points(samples, self._clock.now())

    async def write(self, channel_id: str, value: float) -> None:
        """Set an output. Raises PluginError also if it is none, or `value` is outside its range."""
        self.check_write(channel_id, value)
        await _limited("writing", lambda: self._plugin.write(channel_id, value))

    def check_write(self, channel_id: str, value: float) -> None:
        """Raises PluginError if `channel_id` is no output, or `value` is outside its range."""
        channel = self._channels.get(channel_id)
        if channel is None or channel.direction is not Direction.OUTPUT:
            raise PluginError(f"{self._name} has no output {channel_id!r}")
        if not channel.allows(value):
            raise PluginError(f"{channel_id} takes {channel.min:g} to {channel.max:g} {channel.unit}, not {value:g}")

    async def disconnect(self) -> None:
        """Let go of the device."""
        await _limited("disconnecting", self._plugin.disconnect)


async def _limited(what: str, call: Callable[[], Awaitable[T]]) -> T:
    limit = asyncio.timeout(CALL_SECONDS)
    try:
        async with limit:
            return await call()
    except TimeoutError:
        if limit.expired():
            raise TookTooLongError(f"{what} took longer than {CALL_SECONDS:g} s") from None
        raise  # the plugin's own
