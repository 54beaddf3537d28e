"""Names to addresses, in threads of their own: a name whose servers are dead must not hold up anybody else's."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

# The addresses of a host, as texts, in the order in which to try them. Raises OSError if there are none.
Resolve = Callable[[str, int], Awaitable[list[str]]]


class Resolver:
    """Asks the operating system. uvloop's own resolver has two threads, which two dead names would fill."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "resolver")

    async def __call__(self, host: str, port: int) -> list[str]:
        """The addresses of `host`. Raises OSError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _addresses, host, port)

    def close(self) -> None:
        """Wait for nothing."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> list[str]:
    # as bytes: Python would refuse a text with a label that is too long in a way of its own
    found = socket.getaddrinfo(host.encode(), port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
