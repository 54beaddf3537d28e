"""How long a message of the server was on its way, without asking any clock of the day."""

import math
import time
from collections.abc import Callable


class Delays:
    """Of one connection. The server says which of our frames it had read when it sent the message, and how long before:
    the rest of the time since that frame was sent is what the two were on their way."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent_at: dict[int | None, float] = {}

    def sent(self, seq: int | None) -> None:
        """This frame goes out now; None: the hello, of which the first counts."""
        self._sent_at.setdefault(seq, self._clock())

    def answered(self, seq: int) -> None:
        """No later message of the server names an earlier frame than this."""
        self._sent_at = {sent: at for sent, at in self._sent_at.items() if sent is not None and sent >= seq}

    def of(self, after_seq: int | None, after_seconds: float) -> float:
        """At most so many seconds; for ever if that frame is not known."""
        sent_at = self._sent_at.get(after_seq, -math.inf)
        return max(0.0, self._clock() - sent_at - after_seconds)
