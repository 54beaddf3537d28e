"""A server without room for values: it stays connected, so commands go on and outputs are as safe as before."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from webmacs_controller.transport.protocol import Hold

log = logging.getLogger(__name__)


class Holding:
    """From a hold to the welcome after the next hello nothing is sent; that hello is said when there may be room."""

    def __init__(self, greet: Callable[[], Awaitable[None]]) -> None:
        self._greet = greet
        self._seconds = 0.0
        self._is_held = False
        self._waiting = asyncio.Event()
        self._over = asyncio.Event()

    @property
    def is_held(self) -> bool:
        """Whether nothing may be sent now."""
        return self._is_held

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._waiting.wait()
            await asyncio.sleep(self._seconds)
            self._waiting.clear()
            await self._greet()

    def begin(self, hold: Hold) -> None:
        """The server says so."""
        if not self._is_held:
            log.warning("the server takes no values for now: %s", hold.message)
        self._seconds, self._is_held = hold.seconds, True
        self._waiting.set()

    def welcomed(self) -> None:
        """It may be the answer to another hello, as when channels have changed: then the time is not over."""
        if not self._waiting.is_set():
            self._is_held = False
            self._over.set()

    async def over(self) -> None:
        """Wait until it is."""
        while self._is_held:
            self._over.clear()
            await self._over.wait()
