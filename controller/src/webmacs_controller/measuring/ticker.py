"""An even beat on the monotonic clock."""


class Ticker:
    """Tells when the next beat is due. Lateness never adds up, and beats that were missed are left out, not made up."""

    def __init__(self, interval: float, now: float) -> None:
        self._interval = interval
        self._due = now

    def wait(self, now: float) -> float:
        """Seconds from `now` to the next beat; the first one is due at once."""
        if now > self._due:
            self._due += self._interval * ((now - self._due) // self._interval)
        seconds = max(0.0, self._due - now)
        self._due += self._interval
        return seconds
