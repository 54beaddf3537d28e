"""The controller at work: all instances measure, the client sends, until it is told to stop."""

import asyncio
import logging
from collections.abc import Sequence

from webmacs_controller.commands.desk import Desk
from webmacs_controller.commands.journal import Journal
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.loop import Loop
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.client import Client
from webmacs_controller.transport.token import TokenStore

log = logging.getLogger(__name__)

RELEASE_SECONDS = 5.0
"""For all devices at once to reach their safe state and be let go."""

FLUSH_SECONDS = 3.0
"""For the server to acknowledge what is under way."""


async def serve(
    url: str,
    tokens: TokenStore,
    instances: Sequence[Instance],
    buffer: Buffer,
    journal: Journal,
    stop: asyncio.Event,
) -> None:
    """Runs until `stop`; then outputs go to their safe values, and what has been measured is sent and acknowledged."""
    newest = Newest()

    def deliver(points: Sequence[Point]) -> None:
        newest.put(points)
        buffer.put(points)

    loops = [Loop(instance, deliver) for instance in instances]
    desk = Desk(journal, loops, newest)
    client = Client(url, tokens, instances, buffer, desk)
    measuring = [asyncio.create_task(loop.run()) for loop in loops]
    await desk.start()
    sending = asyncio.create_task(client.run())
    await stop.wait()
    log.info("stopping")
    await desk.finish()  # first: nothing may move an output that has been made safe
    await _cancel(measuring, RELEASE_SECONDS)
    await _flush(client, buffer)
    await _cancel([sending], FLUSH_SECONDS)
    await desk.close()
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
    if len(buffer):
        log.warning("%d points were not acknowledged and are lost", len(buffer))
