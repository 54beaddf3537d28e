"""An even beat on the monotonic clock."""

GRID_SECONDS = 0.1
"""The beats of slow instances are spread over this much."""


class Ticker:
    """Tells when the next beat is due: the first at once, those after it at `phase` (0 to 1) of the interval.

    The phase counts from the clock's zero, so instances of different phases do not fall together, whenever they begin.
    Lateness never adds up, and beats that were missed are left out, not made up.
    """

    def __init__(self, interval: float, now: float, phase: float = 0.0) -> None:
        self._interval = interval
        self._due = now
        grid = min(interval, GRID_SECONDS)
        late = (now - phase * grid) % grid
        self._late = late if late <= interval / 2 else late - grid  # no two beats close together

    def wait(self, now: float) -> float:
        """Seconds from `now` to the next beat."""
        if now > self._due:
            self._due += self._interval * ((now - self._due) // self._interval)
        seconds = max(0.0, self._due - now)
        self._due += self._interval - self._late
        self._late = 0.0
        return seconds
