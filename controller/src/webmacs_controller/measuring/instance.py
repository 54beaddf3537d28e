"""One configured plugin, called by one at a time."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from webmacs_controller.clock.clock import Clock
from webmacs_controller.configuration.settings import ChannelSettings
from webmacs_controller.measuring.gauge import Gauge
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.readings import Readings
from webmacs_controller.measuring.reports import Reports
from webmacs_controller.measuring.turn import Turn
from webmacs_controller.safety.outputs import Outputs
from webmacs_controller.sdk import Channel, Plugin, PluginError

log = logging.getLogger(__name__)


MOST_WORDS = 500


class Instance:
    """A plugin with the name, the interval (in seconds) and the channels' settings that the configuration gives it.

    `holds` is what no other may have beside it. `clock` gives times. `newest` knows the last values of its channels,
    also those of an instance whose place it takes. `changed` is called when something that is told about the instance
    or a channel has changed. By its `key` values wait for the server.
    """

    def __init__(
        self,
        name: str,
        plugin: Plugin[Any],
        interval: float,
        clock: Clock | None = None,
        newest: Newest | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = self.key = name
        self.plugin = plugin
        self.interval = interval
        self.changed = changed
        self.channels: dict[str, Channel] = {channel.id: channel for channel in plugin.channels()}
        self.gauges = {channel.id: Gauge(name, channel) for channel in self.channels.values()}
        self.holds = frozenset(plugin.holds())
        self.reports = Reports(interval, ())
        readings = Readings(self.gauges, newest or Newest(), changed)
        self.safety = Outputs(self.gauges.values(), changed)
        self._turn = Turn(name, plugin, self.gauges, readings, self.safety, clock or Clock())
        self._device = asyncio.Lock()

    @property
    def outputs(self) -> list[Channel]:
        """The channels that can be written."""
        return self.safety.channels

    def tune(self, interval: float, channels: Iterable[ChannelSettings]) -> list[str]:
        """From now on at this rate and with these settings. Returns what is wrong with some, which stay as they were.

        Channels without settings have the default ones.
        """
        wanted = {settings.channel: settings for settings in channels}
        problems = []
        for channel_id, gauge in self.gauges.items():
            try:
                gauge.tune(wanted.get(channel_id) or ChannelSettings(channel=channel_id))
            except ValueError as error:
                problems.append(f"channels.{channel_id}.calibration: {error}")
        self.interval = interval
        self.safety.retuned()
        self.reports = Reports(interval, wanted.values())
        return problems

    def rename(self, name: str) -> None:
        """Nothing else of it changes."""
        self.name = self._turn.name = name
        for gauge in self.gauges.values():
            gauge.source = (name, gauge.channel.id)

    def lost(self) -> list[Point]:
        """The device does not answer: what is to be told instead of values."""
        return self._turn.lost()

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

    async def alive(self) -> None:
        """All is well: see `Plugin.alive`. Raises whatever the plugin raises."""
        async with self.turn() as turn:
            await turn.alive()

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
    return legible(str(error) if isinstance(error, PluginError) else f"{type(error).__name__}: {error}")


def legible(words: str) -> str:
    """What a driver says may be long, and hold what is no text."""
    return words[:MOST_WORDS].replace("\0", "?").encode(errors="replace").decode()
