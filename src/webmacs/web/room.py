"""How much of something costly may run at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from webmacs.errors import ApiError


class Room:
    """A number of places; who finds none is refused with 429."""

    def __init__(self, places: int, what: str) -> None:
        """`what` as in "Too many … run at this moment."."""
        self._free = places
        self._what = what

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place meanwhile. Raises ApiError."""
        if self._free <= 0:
            raise ApiError(
                429,
                "too_many_at_once",
                f"Too many {self._what} run at this moment.",
                hint="Try again in a few seconds.",
                headers={"Retry-After": "5"},
            )
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
