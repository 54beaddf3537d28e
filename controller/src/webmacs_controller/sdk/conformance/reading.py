"""Rules on what a plugin reads."""

import asyncio
import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from webmacs_controller.sdk.channel import Channel, Sample
from webmacs_controller.sdk.conformance.rule import require
from webmacs_controller.sdk.plugin import Plugin
from webmacs_controller.sdk.quality import HIGHEST, is_good, is_usable, reason

READINGS = 20
PAUSE = 0.05
"""Seconds: a rate needs some time between two readings."""


async def gives_samples_of_its_channels(plugin: Plugin[Any]) -> None:
    """Raises BrokenRule, as all of these."""
    known = {channel.id for channel in plugin.channels()}
    await plugin.connect()
    samples = await plugin.read()
    require(isinstance(samples, Sequence), f"read() should give a list of Samples, not {samples!r}")
    seen: set[str] = set()
    for sample in samples:
        require(isinstance(sample, Sample), f"read() gives {sample!r}, which is no Sample")
        require(sample.channel_id in known, f"read() gives {sample.channel_id!r}, which is not in channels()")
        require(sample.channel_id not in seen, f"read() gives {sample.channel_id!r} twice")
        seen.add(sample.channel_id)
        _check(sample)


def _check(sample: Sample) -> None:
    require(isinstance(sample.value, Real), f"the value of {sample.channel_id!r} should be a number: {sample.value!r}")
    fits = isinstance(sample.quality, int) and 0 <= sample.quality <= HIGHEST
    require(fits, f"the quality of {sample.channel_id!r} should be one of Quality, not {sample.quality!r}")


async def gives_every_channel_a_value(plugin: Plugin[Any]) -> None:
    """In its range unless it is told to be doubtful. A rate may take some readings."""
    missing = {channel.id: channel for channel in plugin.channels()}
    words = "it is not in the reading"
    await plugin.connect()
    for _ in range(READINGS):
        for sample in await plugin.read():
            channel = missing.get(sample.channel_id)
            if channel is not None and _has_value(sample):
                _check_range(channel, sample)
                del missing[sample.channel_id]
            elif channel is not None:
                words = f"it is {sample.value}, {reason(sample.quality)}"
        if not missing:
            return
        await asyncio.sleep(PAUSE)
    require(False, f"{', '.join(missing)}: no value, though the device works ({words}); outputs are read back, too")


def _has_value(sample: Sample) -> bool:
    return math.isfinite(sample.value) and is_usable(sample.quality)


def _check_range(channel: Channel, sample: Sample) -> None:
    require(
        channel.allows(sample.value) or not is_good(sample.quality),
        f"{channel.id!r} is {sample.value:g}, outside its range of {channel.min:g} to {channel.max:g} {channel.unit}",
    )
