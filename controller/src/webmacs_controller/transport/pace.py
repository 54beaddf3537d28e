"""How much of the backlog may be under way at once."""

MOST_FRAMES = 8
"""So many at most, so that there is always room for what has just been measured."""

LEAST_FRAMES = 2
"""So many in any case: far away nobody answers quickly."""

QUICK_SECONDS = 0.15
"""A server that answers within that time is not kept busy by the backlog: live values, which are sent behind it, are
stored as soon."""


class Pace:
    """`frames`: at most so many. A server that takes long gets fewer, a quick one more."""

    def __init__(self) -> None:
        self._frames = float(MOST_FRAMES)

    @property
    def frames(self) -> int:
        return int(self._frames)

    def answered(self, seconds: float) -> None:
        """A frame of the backlog was under way for so long."""
        if seconds > QUICK_SECONDS:
            self._frames = max(LEAST_FRAMES, self._frames * max(0.5, QUICK_SECONDS / seconds))
        else:
            self._frames = min(MOST_FRAMES, self._frames + 1 / self._frames)
