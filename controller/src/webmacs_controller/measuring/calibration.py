"""From what a device says to the value that it means, by pairs of both: two are a line, more a table."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

Pair = tuple[float, float]
"""What the device says, and the value that this is."""


class Calibration:
    """Called with what the device says. Linear between the pairs; the lines at the ends go on."""

    __slots__ = ("_from", "_inner", "_to")

    def __init__(self, pairs: Sequence[Pair]) -> None:
        """Raises ValueError where the first numbers do not rise strictly, or there are fewer than two pairs."""
        self._from = [pair[0] for pair in pairs]
        self._to = [pair[1] for pair in pairs]
        self._inner = self._from[1:-1]
        if len(pairs) < 2 or not all(a < b for a, b in pairwise(self._from)):
            raise ValueError("needs at least two pairs, of which the first numbers rise strictly")

    def __call__(self, raw: float) -> float:
        """Exact at each pair; neither NaN nor infinity give a number."""
        at = bisect_right(self._inner, raw)
        start, target = self._from[at], self._to[at]
        share = (raw - start) / (self._from[at + 1] - start)
        return target * (1.0 - share) + self._to[at + 1] * share

    def inverse(self) -> "Calibration":
        """From the value to what the device says. Raises ValueError if values neither rise nor fall throughout."""
        pairs = list(zip(self._to, self._from, strict=True))
        if self._to[0] > self._to[-1]:
            pairs.reverse()
        try:
            return Calibration(pairs)
        except ValueError:
            raise ValueError("needs values that rise or fall throughout, for an output is driven by them") from None
