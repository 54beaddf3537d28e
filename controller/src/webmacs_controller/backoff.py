"""How long to wait before the next try."""

import random


class Backoff:
    """Doubles its limit with every failure; the wait is drawn evenly below it, so that not all come back at once."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._failures = 0

    def next(self) -> float:
        """Seconds to wait after one more failure."""
        limit = min(self._first * 2.0**self._failures, self._longest)
        if limit < self._longest:
            self._failures += 1
        return random.uniform(0, limit)  # noqa: S311 - spreads load, keeps no secret

    def reset(self) -> None:
        """It worked: begin again with the shortest wait."""
        self._failures = 0
