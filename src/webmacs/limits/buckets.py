"""Token buckets: how many requests each of many askers has left."""

import time
from collections import OrderedDict
from collections.abc import Callable

# Askers remembered, some 200 bytes each; then the one is forgotten that has not asked for the longest time.
MOST = 10_000


class Buckets:
    """Each asker may ask `in_a_minute` times, at once or spread over it."""

    def __init__(self, in_a_minute: int, now: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._full = float(in_a_minute)
        self._rate = in_a_minute / 60  # a second
        self._now = now
        self._most = most
        self._left: OrderedDict[bytes | str, tuple[float, float]] = OrderedDict()

    def wait(self, asker: bytes | str) -> float:
        """Count a request, and answer 0; or do not, and answer the seconds until it may be made."""
        now = self._now()
        left, at = self._left.pop(asker, (self._full, now))
        left = min(self._full, left + (now - at) * self._rate)
        allowed = left >= 1
        self._left[asker] = (left - 1 if allowed else left, now)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._rate

    def give_back(self, asker: bytes | str) -> None:
        """A request that was just counted was not made."""
        left, at = self._left[asker]
        self._left[asker] = (left + 1, at)
