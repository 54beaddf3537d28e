"""How slow a download may be. Who sends a byte now and then keeps it under way for ever, and the newer version away:
The Update Framework calls that slow retrieval."""

import time
from collections.abc import Callable

LEAST_RATE = 4000.0
"""Bytes a second on average, as over the worst mobile line; 500 MB take a day and a half at that."""

PATIENCE_SECONDS = 60.0
"""At the start nothing is held against anybody: names are looked up, disks wake up."""


class TooSlowError(Exception):
    """It does not come fast enough."""


class Pace:
    """Of one download, from now on."""

    def __init__(
        self,
        least_rate: float = LEAST_RATE,
        patience: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._least_rate = least_rate
        self._patience = patience
        self._clock = clock
        self._begin = clock()
        self._bytes = 0

    def came(self, count: int) -> None:
        """So many more bytes. Raises TooSlowError."""
        self._bytes += count
        seconds = self._clock() - self._begin
        if seconds > self._patience + self._bytes / self._least_rate:
            raise TooSlowError(
                f"it comes too slowly: {self._bytes} bytes in {seconds:.0f} s, where {self._least_rate:.0f} a second"
                " are the least"
            )
