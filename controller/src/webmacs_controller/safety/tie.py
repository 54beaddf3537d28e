"""What an output hangs on: the server that commands it, the device that carries it out."""

import asyncio
import math
from collections.abc import Callable


class Tie:
    """Times are those of the event loop's clock. `patience`: for how long it may be silent before it counts as lost.

    `breaks` holds what is called when it is lost, for then outputs are due earlier than it looked before; `returns`
    what is called before it counts as back, for a time-out that passed meanwhile has passed.
    """

    def __init__(self, words: str, seen_at: float = math.inf, patience: float = math.inf) -> None:
        self.words = words
        self.seen_at = seen_at
        self.patience = patience
        self.stands = False
        self.breaks: set[Callable[[], None]] = set()
        self.returns: set[Callable[[], None]] = set()

    def seen(self) -> None:
        """It has just given a sign of life."""
        now = asyncio.get_running_loop().time()
        if (now > self.seen_at and not self.stands) or now >= self.seen_at + self.patience:
            for call in tuple(self.returns):
                call()
        self.seen_at = now
        self.stands = True

    def lost(self) -> None:
        """It is known to be gone; since when, the last sign of life says."""
        self.stands = False
        for call in tuple(self.breaks):
            call()

    def ends(self, seconds: float) -> float:
        """When an output has to be safe that may stay as it is for `seconds` without this, as it looks now."""
        return self.seen_at + (max(seconds, self.patience) if self.stands else seconds)
