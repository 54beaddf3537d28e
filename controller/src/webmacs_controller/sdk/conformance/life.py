"""Rules on connecting and disconnecting, and on the calls in between."""

import asyncio
import threading
from contextlib import suppress
from typing import Any

from webmacs_controller.sdk.channel import Direction
from webmacs_controller.sdk.conformance.rule import BrokenRule, require
from webmacs_controller.sdk.conformance.tasks import started_tasks
from webmacs_controller.sdk.conformance.watch import LoopWatch
from webmacs_controller.sdk.plugin import Plugin

GRACE = 2.0
"""Seconds for what is ending to end."""

EXECUTOR = "asyncio_"
"""Names of the event loop's own threads, which last as long as it does."""


async def connects_again(plugin: Plugin[Any]) -> None:
    """Raises BrokenRule, as all of these."""
    for attempt in ("first", "second", "third"):
        try:
            await plugin.connect()
            await plugin.read()
            await plugin.disconnect()
        except Exception as error:
            raise BrokenRule(f"the {attempt} time that it connects, reads and disconnects: {error!r}") from error


async def disconnects_always(plugin: Plugin[Any]) -> None:
    """The controller disconnects after any failure, also of connecting."""
    for when in ("before it was connected", "a second time"):
        try:
            await plugin.disconnect()
        except Exception as error:
            raise BrokenRule(f"disconnect() {when}: {error!r}; it should do nothing then") from error
        await plugin.connect()
        await plugin.disconnect()


async def goes_on_after_a_cancelled_reading(plugin: Plugin[Any]) -> None:
    """Cancelled at each of its first steps."""
    for steps in range(1, 6):
        await plugin.connect()
        reading = asyncio.ensure_future(plugin.read())
        for _ in range(steps):
            await asyncio.sleep(0)
        reading.cancel()
        with suppress(asyncio.CancelledError, Exception):  # whatever it raises then is right
            await reading
        await plugin.disconnect()
    try:
        await plugin.connect()
        await plugin.read()
    except Exception as error:
        raise BrokenRule(f"after a reading that was cancelled, disconnect and connect: {error!r}") from error


async def leaves_nothing_behind(plugin: Plugin[Any]) -> None:
    """Tasks and threads that go on would add up with every new connection."""
    threads = set(threading.enumerate())
    with started_tasks() as tasks:
        await plugin.connect()
        await plugin.read()
        await plugin.disconnect()
    left = [*await _lasting(tasks), *await _threads_beside(threads)]
    require(not left, f"after disconnect() it leaves running: {', '.join(map(repr, left))}")


async def _lasting(tasks: list[asyncio.Task[Any]]) -> set[asyncio.Task[Any]]:
    return (await asyncio.wait(tasks, timeout=GRACE))[1] if tasks else set()


async def _threads_beside(before: set[threading.Thread]) -> list[threading.Thread]:
    fresh = [thread for thread in threading.enumerate() if thread not in before]
    own = [thread for thread in fresh if not thread.name.startswith(EXECUTOR)]
    for thread in own:
        await asyncio.to_thread(thread.join, GRACE)
    return [thread for thread in own if thread.is_alive()]


async def does_not_block(plugin: Plugin[Any]) -> None:
    """From making it until it has disconnected; a driver that blocks belongs into a BlockingPlugin."""
    with LoopWatch() as watch:
        twin: Plugin[Any] = type(plugin)(plugin.config)
        await twin.connect()
        await twin.read()
        for channel in twin.channels():
            if channel.direction is Direction.OUTPUT and channel.safe_value is not None:
                await twin.write(channel.id, channel.safe_value)
        await twin.read()
        await twin.alive()
        await twin.disconnect()
        await watch.settled()
    require(watch.blocked_at is None, f"it blocks the event loop; a BlockingPlugin may:\n{watch.blocked_at}")


async def tells_its_health(plugin: Plugin[Any]) -> None:
    """A str, before, while and after it is connected."""
    told = [plugin.health()]
    await plugin.connect()
    await plugin.read()
    told.append(plugin.health())
    await plugin.disconnect()
    told.append(plugin.health())
    for words in told:
        require(isinstance(words, str), f"health() gives {words!r}, it should be a sentence or an empty text")
