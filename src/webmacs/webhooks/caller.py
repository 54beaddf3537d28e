"""One delivery is one request: signed, to a checked address, and over when its time is over.

This is httpcore, the layer below httpx: no redirects are followed there, no proxies taken from the environment, no
bodies decoded, and it has the seam where the address is checked.
"""

import asyncio
import ssl
import time

import httpcore
import httpx

from webmacs import __version__
from webmacs.webhooks.answer import Answer
from webmacs.webhooks.delivery import Delivery, Outcome
from webmacs.webhooks.errors import FAILURES, explained
from webmacs.webhooks.guard import GuardedBackend
from webmacs.webhooks.signature import signatures

USER_AGENT = f"WebMACS/{__version__}"
KEPT_SECONDS = 5.0  # that an idle connection is kept for the next delivery
PORTS = range(1, 65536)
NO_URL = "The address must be http:// or https:// with a host, and without a user name or password."


class Caller:
    """Makes deliveries over connections that are shared and kept."""

    def __init__(
        self, backend: GuardedBackend, concurrency: int, timeout_seconds: float, tls: ssl.SSLContext | None = None
    ) -> None:
        """For `concurrency` calls at once. `tls`: whom to trust; None: the authorities that system and certifi know.

        The pool itself has no limit: a call that ends while it waits for its turn there would take a place for ever.
        """
        self._seconds = timeout_seconds
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or httpcore.default_ssl_context(),
            max_connections=None,
            max_keepalive_connections=concurrency,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=backend,
        )

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

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def _exchange(self, url: httpx.URL, delivery: Delivery, answer: Answer) -> None:
        body = delivery.body.encode()
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        async with self._pool.stream(
            "POST",
            target,
            headers=_headers(url, delivery, body),
            content=body,
            extensions={"timeout": {"connect": self._seconds}},
        ) as response:
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
