"""Passwords wait here to be hashed one after another, so that logging in never disturbs measured values."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from webmacs.accounts.password_process import PasswordProcess
from webmacs.errors import ApiError

P = ParamSpec("P")
T = TypeVar("T")


class PasswordQueue:
    """Checks and hashes passwords one after another. What finds the queue full is refused with 429."""

    def __init__(self, rounds: int, queue: int) -> None:
        """`rounds` of bcrypt; `queue` is how many may wait behind the one that is worked on."""
        self._rounds = rounds
        self._room = queue + 1
        self._process = PasswordProcess()
        self._thread = ThreadPoolExecutor(1, "passwords")  # waits for the process
        # Checked for users that do not exist, so that they take as long as those that do.
        self._nobody = self._thread.submit(self._process.hash, "nobody has this password", rounds)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Whether `password` is the one of the hash `stored`; without a hash False, after the same time."""
        nobody = await asyncio.shield(asyncio.wrap_future(self._nobody))
        right = await self._run(self._process.matches, password, stored or nobody)
        return right and stored is not None

    async def hash(self, password: str) -> str:
        """The hash of a new password."""
        return await self._run(self._process.hash, password, self._rounds)

    def require_room(self) -> None:
        """Raise ApiError 429 if the queue is full, before any work was done for the request."""
        if self._room <= 0:
            raise ApiError(
                429,
                "too_many_logins",
                "Too many people are logging in at this moment.",
                hint="Try again in a few seconds.",
                headers={"Retry-After": "2"},
            )

    async def close(self) -> None:
        """Let the one at work finish, and forget those that wait."""
        await asyncio.to_thread(self._thread.shutdown, cancel_futures=True)
        self._process.close()

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.require_room()
        self._room -= 1
        try:
            return await asyncio.wrap_future(self._thread.submit(work, *args, **kwargs))
        finally:
            self._room += 1
