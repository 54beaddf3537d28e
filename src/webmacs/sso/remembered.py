"""Something fetched from a provider, kept for a while."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar, cast

from webmacs.sso.refusal import Refusal

T = TypeVar("T")


class Remembered(Generic[T]):
    """Fetches when it is needed, by one at a time, and remembers the answer, a failure more briefly.

    So strangers who begin logins cannot make us ask a provider, or a dead name server, again and again.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[T]],
        seconds: float,
        pause: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds` is how long an answer is good; `pause` how long a failure is, and what `renew` leaves between."""
        self._fetch = fetch
        self._seconds = seconds
        self._pause = pause
        self._now = now
        self._lock = asyncio.Lock()
        self._answer: T | None = None
        self._failure: Refusal | None = None
        self._expires = self._renewable = now()

    async def get(self) -> T:
        """The answer. Raises Refusal if it cannot be had."""
        async with self._lock:
            if self._now() >= self._expires:
                await self._ask()
            if self._failure is not None:
                # a new one, for one that is raised again and again gathers traces
                raise Refusal(self._failure.code, str(self._failure))
            return cast(T, self._answer)

    async def renew(self, known: T) -> T:
        """An answer newer than `known`, if it was not asked for one just before."""
        async with self._lock:
            if self._answer is known and self._now() >= self._renewable:
                self._renewable = self._now() + self._pause
                self._expires = self._now()
        return await self.get()

    async def _ask(self) -> None:
        try:
            self._answer, self._failure = await self._fetch(), None
            self._expires = self._now() + self._seconds
        except Refusal as refusal:
            self._answer, self._failure = None, refusal
            self._expires = self._now() + self._pause
