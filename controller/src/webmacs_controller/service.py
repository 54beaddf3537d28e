"""The controller at work: all instances measure, the client sends, until it is told to stop."""

import asyncio
import logging
from collections.abc import Sequence

from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.loop import Loop
from webmacs_controller.transport.buffer import Buffer
from webmacs_controller.transport.client import Client
from webmacs_controller.transport.token import TokenStore

log = logging.getLogger(__name__)

RELEASE_SECONDS = 5.0
"""For all devices at once to reach their safe state and be let go."""

FLUSH_SECONDS = 3.0
"""For the server to acknowledge what is under way."""


async def serve(
    url: str, tokens: TokenStore, instances: Sequence[Instance], buffer: Buffer, stop: asyncio.Event
) -> None:
    """Runs until `stop`; then outputs go to their safe values, and what has been measured is sent and acknowledged."""
    client = Client(url, tokens, instances, buffer)
    sending = asyncio.create_task(client.run())
    measuring = [asyncio.create_task(Loop(instance, buffer.put).run()) for instance in instances]
    await stop.wait()
    log.info("stopping")
    await _cancel(measuring, RELEASE_SECONDS)
    await _flush(client, buffer)
    await _cancel([sending], FLUSH_SECONDS)
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
