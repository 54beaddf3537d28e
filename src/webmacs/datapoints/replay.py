"""The last notifications, as they came from PostgreSQL, for clients that were away for a moment."""

from collections import deque


class Replay:
    """Numbers what comes in and keeps the last bytes of it."""

    def __init__(self, most_bytes: int) -> None:
        self.n = 0
        self._most_bytes = most_bytes
        self._kept: deque[str] = deque()
        self._bytes = 0

    def add(self, payload: str) -> int:
        """Keep it; returns its number."""
        self._kept.append(payload)
        self._bytes += len(payload)
        while self._bytes > self._most_bytes:
            self._bytes -= len(self._kept.popleft())
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
            missed += len(self._kept[-back])
            if missed > most_bytes:
                return False
        return True

    def get(self, n: int) -> str | None:
        """The notification of this number; None: it is gone."""
        place = n - self.n + len(self._kept) - 1
        return self._kept[place] if 0 <= place < len(self._kept) else None
