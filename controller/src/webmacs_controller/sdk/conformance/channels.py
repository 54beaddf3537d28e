"""Rules on the channels that a plugin declares."""

from collections import Counter
from typing import Any

from webmacs_controller.sdk.channel import Channel
from webmacs_controller.sdk.conformance.rule import require
from webmacs_controller.sdk.demo import Demo
from webmacs_controller.sdk.plugin import Plugin


def are_named_once(plugin: Plugin[Any]) -> None:
    """And there is at least one."""
    channels = plugin.channels()
    require(bool(channels), "it has no channels before it is connected")
    for channel in channels:
        require(isinstance(channel, Channel), f"channels() gives {channel!r}, which is no Channel")
    for channel_id, times in Counter(channel.id for channel in channels).items():
        require(times == 1, f"the channel {channel_id!r} is there {times} times; an id is unique in its plugin")


async def stay_the_same(plugin: Plugin[Any]) -> None:
    """The server keeps the history of a channel under its id."""
    before = list(plugin.channels())
    twin: Plugin[Any] = type(plugin)(plugin.config)
    require(list(twin.channels()) == before, "a second plugin with the same settings has other channels")
    await plugin.connect()
    await plugin.read()
    require(list(plugin.channels()) == before, "its channels are others once it is connected")


async def are_shown_by_the_demo_mode(plugin: Plugin[Any]) -> None:
    """With values in their ranges."""
    demo = Demo(plugin, "conformance")
    channels = {channel.id: channel for channel in demo.channels()}
    require(bool(channels), "it has no channels for the demo mode: see Plugin.demo_channels")
    await demo.connect()
    values = {sample.channel_id: sample.value for sample in await demo.read()}
    require(values.keys() == channels.keys(), f"the demo mode reads {sorted(values)}, not {sorted(channels)}")
    for channel_id, value in values.items():
        simulation = channels[channel_id].simulation
        centre = value if simulation is None else simulation.base
        require(channels[channel_id].allows(centre), f"the simulation of {channel_id!r} lies outside its range")
