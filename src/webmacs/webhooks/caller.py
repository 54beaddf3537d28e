"""One delivery is one request: signed, to a checked address, and over when its time is over.

This is httpcore, the layer below httpx: no redirects are followed there, no proxies taken from the environment, no
bodies decoded, and it has the seam where the address is checked.
"""

import asyncio
import time

import httpcore
import httpx

from webmacs import __version__
from webmacs.webhooks.answer import Answer
from webmacs.webhooks.connections import Connections
from webmacs.webhooks.delivery import Delivery, Outcome
from webmacs.webhooks.errors import FAILURES, explained
from webmacs.webhooks.signature import signatures

USER_AGENT = f"WebMACS/{__version__}"
PORTS = range(1, 65536)
NO_URL = "The address must be http:// or https:// with a host, and without a user name or password."


class Caller:
    """Makes deliveries; each is over after `timeout_seconds`."""

    def __init__(self, connections: Connections, timeout_seconds: float) -> None:
        self._connections = connections
        self._seconds = timeout_seconds

    async def call(self, delivery: Delivery) -> Outcome:
        """What became of it; a failure is an outcome too."""
        url = address(delivery.url)
        if url is None:
            return Outcome(error=NO_URL)
        answer = Answer()
        try:
            async with asyncio.timeout(self._seconds):
                await self._exchange(url, delivery, answer)
        except TimeoutError:
            return answer.outcome(f"There was no answer within {self._seconds:g} s.")
        except FAILURES as error:
            return answer.outcome(explained(error))
        return answer.outcome("There was no answer.")

    async def _exchange(self, url: httpx.URL, delivery: Delivery, answer: Answer) -> None:
        body = delivery.body.encode()
        request = httpcore.Request(
            "POST",
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=_headers(url, delivery, body),
            content=body,
            extensions={"timeout": {"connect": self._seconds}},
        )
        async with self._connections.response(request) as response:
            await answer.read(response)


def address(text: str) -> httpx.URL | None:
    """The address to call; None if it cannot be called."""
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        return None
    complete = url.scheme in ("http", "https") and url.raw_host and (url.port is None or url.port in PORTS)
    return url if complete and not url.userinfo else None


def _headers(url: httpx.URL, delivery: Delivery, body: bytes) -> list[tuple[bytes, bytes]]:
    now = int(time.time())
    headers = {
        "Host": url.netloc.decode(),
        "User-Agent": USER_AGENT,
        "Accept-Encoding": "identity",
        "Content-Type": delivery.content_type,
        "Content-Length": str(len(body)),
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signatures(delivery.secrets, delivery.message_id, now, body),
    }
    return [(name.encode(), value.encode()) for name, value in headers.items()]
