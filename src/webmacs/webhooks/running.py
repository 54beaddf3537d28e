"""The seam to app.py: the courier with all that it needs, from the start of the sidecar to its end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from webmacs.config import Webhooks
from webmacs.config.networks import networks
from webmacs.tls import trusted
from webmacs.web.parts import Parts
from webmacs.webhooks.caller import Caller
from webmacs.webhooks.connections import Connections
from webmacs.webhooks.courier import Courier
from webmacs.webhooks.guard import GuardedBackend
from webmacs.webhooks.outbox import Outbox
from webmacs.webhooks.resolver import Resolver


@asynccontextmanager
async def running(parts: Parts) -> AsyncIterator[Courier]:
    """A courier, ready to run; its connections are closed at the end."""
    settings = parts.config.webhooks
    resolver = Resolver(settings.concurrency)
    allowed = [network for text in settings.allow_networks for network in networks(text)]
    connections = Connections(GuardedBackend(resolver, allowed), trusted())
    caller = Caller(connections, settings.timeout_seconds)
    courier = Courier(Outbox(parts.pool, lease_seconds(settings)), caller, settings.concurrency)
    parts.health.add("webhooks", courier.works)
    try:
        yield courier
    finally:
        await connections.close()
        resolver.close()


def lease_seconds(settings: Webhooks) -> int:
    """Longer than a call can take, with as much again and more for noting its outcome."""
    return 2 * settings.timeout_seconds + 5
