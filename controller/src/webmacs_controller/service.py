"""The controller at work: all instances measure, the client sends, until it is told to stop."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from webmacs_controller.commands.desk import Desk
from webmacs_controller.commands.journal import Journal
from webmacs_controller.configuration.configurator import Configurator
from webmacs_controller.configuration.fleet import Fleet, Make
from webmacs_controller.configuration.saved import Saved
from webmacs_controller.configuration.settings import Configuration
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.client import Client
from webmacs_controller.transport.token import TokenStore

log = logging.getLogger(__name__)

RELEASE_SECONDS = 5.0
"""For all devices at once to reach their safe state and be let go."""

FLUSH_SECONDS = 3.0
"""For the server to acknowledge what is under way."""

SAVE_SECONDS = 5.0
"""For the disk to take what the server did not."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What there is to measure at first, where it is kept when the server wants something else, and what makes
    plugins of it."""

    first: Configuration
    saved: Saved
    make: Make


async def serve(
    url: str, tokens: TokenStore, setup: Setup, buffer: Buffer, journal: Journal, stop: asyncio.Event
) -> None:
    """Runs until `stop`; then outputs go to their safe values, and what has been measured is sent, or on disk."""
    newest = Newest()
    fleet = Fleet(newest, buffer.put, setup.make, buffer.clock)
    configurator = Configurator(fleet, setup.saved)
    desk = Desk(journal, fleet.loops, newest)
    client = Client(url, tokens, configurator, buffer, desk)
    keeping = asyncio.create_task(buffer.run())
    await configurator.start(setup.first)
    await desk.start()
    configuring, sending = asyncio.create_task(configurator.run()), asyncio.create_task(client.run())
    await stop.wait()
    log.info("stopping")
    await desk.finish()  # first: nothing may move an output that has been made safe
    await _cancel([configuring], RELEASE_SECONDS)
    await fleet.release(RELEASE_SECONDS)
    await _flush(client, buffer)
    await _cancel([sending], FLUSH_SECONDS)
    await _save(buffer, keeping)
    await desk.close()
    configurator.stop()
    log.info("stopped; %d points refused, %d dropped", client.rejections.total, buffer.dropped)


async def _cancel(tasks: Sequence[asyncio.Task[None]], seconds: float) -> None:
    for task in tasks:
        task.cancel()
    _, late = await asyncio.wait(tasks, timeout=seconds)
    if late:
        log.error("%d of %d do not end within %g s and are left behind", len(late), len(tasks), seconds)


async def _flush(client: Client, buffer: Buffer) -> None:
    try:
        async with asyncio.timeout(FLUSH_SECONDS):
            await client.drained()
    except TimeoutError:
        log.warning("the server did not acknowledge everything within %g s", FLUSH_SECONDS)


async def _save(buffer: Buffer, keeping: asyncio.Task[None]) -> None:
    """Whatever the server does not have yet is to be on disk."""
    buffer.close()
    await asyncio.wait([keeping], timeout=SAVE_SECONDS)
    await _cancel([keeping], SAVE_SECONDS)
    if not keeping.cancelled() and (error := keeping.exception()):
        log.error("%s", error)
    if buffer.unsaved:
        log.error("%d points were not acknowledged, are not on disk, and are lost", buffer.unsaved)
    elif len(buffer):
        log.info("%d points wait on disk for the next start", len(buffer))
