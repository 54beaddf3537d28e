"""The rule on a device that is gone."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from webmacs_controller.sdk.channel import Sample
from webmacs_controller.sdk.conformance.rule import BrokenRule, require
from webmacs_controller.sdk.errors import PluginError
from webmacs_controller.sdk.plugin import Plugin
from webmacs_controller.sdk.quality import is_usable

READINGS = 5
"""What was under way may still arrive."""

PAUSE = 0.05

Device = Callable[[], AbstractAsyncContextManager[None]]


async def is_told(device: Device, make_plugin: Callable[[], Plugin[Any]]) -> None:
    """While it was connected, and when it connects anew."""
    async with device():
        plugin = make_plugin()
        await plugin.connect()
        await plugin.read()
    try:
        await _fails("while it was connected", plugin)
        await _disconnect(plugin)
        await _fails("before it connects", plugin, connect=True)
    finally:
        await _disconnect(plugin)


async def _fails(when: str, plugin: Plugin[Any], *, connect: bool = False) -> None:
    try:
        if connect:
            await plugin.connect()
        for _ in range(READINGS):
            if _is_bad(await plugin.read()):
                return
            await asyncio.sleep(PAUSE)
    except PluginError as error:
        require(bool(str(error)), f"the device went {when}: the PluginError should say what is wrong")
        return
    except Exception as error:
        raise BrokenRule(f"the device went {when}: that should be a PluginError, in words, not {error!r}") from error
    raise BrokenRule(f"the device went {when}, and it goes on as if nothing were wrong")


def _is_bad(samples: Sequence[Sample]) -> bool:
    return bool(samples) and not any(is_usable(sample.quality) for sample in samples)


async def _disconnect(plugin: Plugin[Any]) -> None:
    try:
        await plugin.disconnect()
    except Exception as error:
        raise BrokenRule(f"disconnect() from a device that is gone should not fail: {error!r}") from error
