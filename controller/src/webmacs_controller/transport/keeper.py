"""Works on the disk when it is time, and again when the disk has failed."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress

from webmacs_controller.storage.errors import StoreError

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0
"""Between tries with a disk that fails."""


STUCK_SECONDS = 30.0
"""A disk that does not answer for so long is of no use."""


class Keeper:
    """Awaits `work`, which may raise StoreError, whenever the event loop's clock has reached what `due` says."""

    def __init__(self, due: Callable[[], float], work: Callable[[], Awaitable[None]]) -> None:
        self._due = due
        self._work = work
        self._woken = asyncio.Event()
        self._retry_at = -math.inf
        self._failing = False
        self._began: float | None = None
        self._closing = False

    async def run(self) -> None:
        """Until `close` is called."""
        while not self._closing:
            if self._wait_until() <= asyncio.get_running_loop().time():
                await self._try()
            else:
                await self._wait()

    @property
    def is_well(self) -> bool:
        """Whether the disk takes what it is given, as far as is known."""
        late = self._began is not None and asyncio.get_running_loop().time() > self._began + STUCK_SECONDS
        return not (self._failing or late)

    def wake(self) -> None:
        """`due` may have become earlier."""
        self._woken.set()

    def close(self) -> None:
        """No more after what is being done."""
        self._closing = True
        self.wake()

    def _wait_until(self) -> float:
        return max(self._retry_at, self._due())

    async def _wait(self) -> None:
        until = self._wait_until()
        self._woken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until if until < math.inf else None):
                await self._woken.wait()

    async def _try(self) -> None:
        self._began = asyncio.get_running_loop().time()
        try:
            await self._work()
        except Exception as error:  # whatever it is, measuring and sending go on
            self._retry_at = asyncio.get_running_loop().time() + RETRY_SECONDS
            if not self._failing:
                expected = isinstance(error, StoreError)
                log.error("%s; until the disk works, values are kept in memory alone", error, exc_info=not expected)
            self._failing = True
        else:
            if self._failing:
                log.warning("the buffer on disk works again")
            self._failing = False
        finally:
            self._began = None
