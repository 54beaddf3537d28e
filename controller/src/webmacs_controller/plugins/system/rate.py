"""Turns counters that only grow into rates."""

import time
from collections.abc import Callable

SHORTEST = 0.05
"""Seconds; over less than this a rate says more about the moment than about the machine."""


class Rate:
    """Growth of some counters per second, since the last time that it was asked."""

    def __init__(self, counters: Callable[[], tuple[int, ...]], clock: Callable[[], float] = time.monotonic) -> None:
        self._counters = counters
        self._clock = clock
        self.restart()

    def restart(self) -> None:
        """Count from now."""
        self._since = self._clock()
        self._before = self._counters()

    def per_second(self) -> tuple[float, ...]:
        """One rate a counter, or nothing if hardly any time has passed. A counter that was set back counts as 0."""
        elapsed = self._clock() - self._since
        if elapsed < SHORTEST:
            return ()
        before = self._before
        self.restart()
        return tuple(max(0, now - then) / elapsed for now, then in zip(self._before, before, strict=True))
