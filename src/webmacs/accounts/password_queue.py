"""Passwords wait here to be hashed one after another, so that logging in never disturbs measured values."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from webmacs.accounts.password_process import PasswordProcess
from webmacs.accounts.passwords import hash_of_nobody
from webmacs.errors import ApiError

P = ParamSpec("P")
T = TypeVar("T")

REST = 2.0
"""While others wait and values are measured, each rests for so many times as long as it has worked: not the hashing,
which stands back, disturbs the values, but what else a login does in sidecar and database."""

LONGEST_REST_SECONDS = 1.0
"""Work that took long has waited for a processor itself."""


class PasswordQueue:
    """Checks and hashes passwords one after another, for requests that have a place."""

    def __init__(self, rounds: int, queue: int, pause: Callable[[float], None] = time.sleep) -> None:
        """`rounds` of bcrypt; `queue` is how many may wait behind the one that is worked on; `pause`: of seconds."""
        self._rounds = rounds
        self._places = queue + 1
        self._taken = 0
        self._rested_at = 0.0
        self._pause = pause
        self._values_come: Callable[[], bool] = lambda: False
        self._process = PasswordProcess()
        self._thread = ThreadPoolExecutor(1, "passwords")  # waits for the process
        # Checked for users that do not exist, so that they take as long as those that do.
        self._nobody = hash_of_nobody(rounds)

    def make_way_for(self, values_come: Callable[[], bool]) -> None:
        """Rest between passwords as long as this is so."""
        self._values_come = values_come

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the one of the hash `stored`; without a hash False, after the same time."""
        right = await self._run(self._process.matches, password, stored or self._nobody)
        return right and stored is not None

    async def hash(self, password: str) -> str:
        """The hash of a new password."""
        return await self._run(self._process.hash, password, self._rounds)

    async def require_strong(self, password: str, about: Sequence[str]) -> None:
        """Raise ApiError 422 if a new password is easy to guess for who knows what it is `about`."""
        if weak := await self._run(self._process.weakness, password, about):
            raise ApiError(422, "weak_password", weak.message, details=weak.why, hint=weak.hint)

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place in the queue, to be had before anything is done for a request. Raises ApiError 429 if it is full."""
        if self._taken >= self._places:
            raise ApiError(
                429,
                "too_many_logins",
                "Too many people are logging in at this moment.",
                hint="Try again in a few seconds.",
                headers={"Retry-After": "2"},
            )
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def close(self) -> None:
        """Let the one at work finish, and forget those that wait."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        self._process.close()

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.wrap_future(self._thread.submit(lambda: self._paced(lambda: work(*args, **kwargs))))

    def _paced(self, work: Callable[[], T]) -> T:
        """In the thread. Who is alone never waits."""
        if self._taken > 1 and self._values_come():
            self._pause(max(0.0, self._rested_at - time.monotonic()))
        began = time.monotonic()
        try:
            return work()
        finally:
            ended = time.monotonic()
            self._rested_at = ended + min(REST * (ended - began), LONGEST_REST_SECONDS)
