"""What was last told, for clients that were away for a moment."""

from collections import deque

from webmacs.stream.changes import Change

# A notification of datapoints as it came from PostgreSQL, or rows that changed.
Told = str | Change
# What each takes besides its text: else there is no end of short ones, and any SQL login can send them.
ENTRY_BYTES = 100


class Replay:
    """Numbers what comes in and keeps the last bytes of it."""

    def __init__(self, most_bytes: int) -> None:
        self.n = 0
        self._most_bytes = most_bytes
        self._kept: deque[Told] = deque()
        self._bytes = 0

    def add(self, told: Told) -> int:
        """Keep it; returns its number."""
        self._kept.append(told)
        self._bytes += _size(told)
        while self._bytes > self._most_bytes:
            self._bytes -= _size(self._kept.popleft())
        self.n += 1
        return self.n

    def clear(self) -> None:
        """Forget all: something was missed."""
        self._kept.clear()
        self._bytes = 0

    def reaches_back_to(self, n: int, most_bytes: int) -> bool:
        """Whether all after `n` is still there, and not more than `most_bytes`."""
        if not self.n - len(self._kept) <= n <= self.n:
            return False
        missed = 0
        for back in range(1, self.n - n + 1):
            missed += _size(self._kept[-back])
            if missed > most_bytes:
                return False
        return True

    def get(self, n: int) -> Told | None:
        """What has this number; None: it is gone."""
        place = n - self.n + len(self._kept) - 1
        return self._kept[place] if 0 <= place < len(self._kept) else None


def _size(told: Told) -> int:
    return ENTRY_BYTES + (len(told) if isinstance(told, str) else told.size)
