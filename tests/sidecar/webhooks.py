"""A caller without a database, and names that lead where a test wants."""

import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from tests.support.webhooks import SECRET
from webmacs.config.networks import networks
from webmacs.tls import trusted
from webmacs.webhooks.caller import Caller
from webmacs.webhooks.connections import Connections
from webmacs.webhooks.delivery import Delivery
from webmacs.webhooks.guard import GuardedBackend
from webmacs.webhooks.resolver import Resolve, Resolver


class Names:
    """A resolver that answers in the order given, the last answer again and again."""

    def __init__(self, *answers: Iterable[str]) -> None:
        self._answers = [list(answer) for answer in answers]
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self._answers[min(len(self.asked), len(self._answers)) - 1]


@asynccontextmanager
async def calling(
    *allowed: str, resolve: Resolve | None = None, seconds: float = 10, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Caller]:
    """A caller that may call these ranges too. Names are looked up by the system unless `resolve` does."""
    resolver = Resolver(4)
    ranges = [network for text in allowed for network in networks(text)]
    connections = Connections(GuardedBackend(resolve or resolver, ranges), tls or trusted())
    try:
        yield Caller(connections, seconds)
    finally:
        await connections.close()
        resolver.close()


def delivery(url: str, body: str = '{"type":"test"}', content_type: str = "application/json") -> Delivery:
    """A first attempt."""
    return Delivery(1, "msg_1", 1, url, body, content_type, [SECRET], 1)
