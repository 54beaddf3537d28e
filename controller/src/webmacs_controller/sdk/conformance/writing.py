"""Rules on outputs."""

from typing import Any

from webmacs_controller.sdk.channel import Channel, Direction
from webmacs_controller.sdk.conformance.rule import BrokenRule, require
from webmacs_controller.sdk.errors import PluginError
from webmacs_controller.sdk.plugin import Plugin

TOLERANCE = 0.01
"""Of the range: a device may round."""


async def is_read_back(plugin: Plugin[Any]) -> None:
    """Raises BrokenRule, as all of these. At the end outputs have their safe values."""
    await plugin.connect()
    for channel in plugin.channels():
        if channel.direction is Direction.OUTPUT:
            for value in (channel.max, channel.min, (channel.min + channel.max) / 2, channel.safe_value):
                await _write(plugin, channel, value)


async def _write(plugin: Plugin[Any], channel: Channel, value: float | None) -> None:
    if value is None:  # never for an output, see Channel
        return
    if channel.max - channel.min == 1:  # on and off have nothing between them
        value = float(round(value))
    await plugin.write(channel.id, value)
    shown = [sample.value for sample in await plugin.read() if sample.channel_id == channel.id]
    require(bool(shown), f"{channel.id!r} was set to {value:g}, and the next reading does not have it")
    off = abs(shown[0] - value)
    require(
        off <= TOLERANCE * (channel.max - channel.min),
        f"{channel.id!r} was set to {value:g}, and the next reading says {shown[0]:g}; write() should return when the "
        "device has the value, and read() should ask the device",
    )


async def is_refused_for_all_but_outputs(plugin: Plugin[Any]) -> None:
    """An unknown channel, and every input."""
    await plugin.connect()
    inputs = [channel.id for channel in plugin.channels() if channel.direction is Direction.INPUT]
    for channel_id in (*inputs, "no_such_channel"):
        try:
            await plugin.write(channel_id, 0.0)
        except PluginError:
            continue
        except Exception as error:
            raise BrokenRule(f"writing {channel_id!r} should raise PluginError, not {error!r}") from error
        raise BrokenRule(f"writing {channel_id!r}, which is no output, should raise PluginError, not do nothing")
