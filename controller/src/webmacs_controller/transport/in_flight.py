"""Frames that have been sent and are not answered yet."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webmacs_controller.measuring.point import Point
from webmacs_controller.transport.chunk import Part


@dataclass(slots=True)
class Frame:
    """Points that have been sent together under the number `seq`; the first of them came at `came`.

    `part` is where they are on disk, or will be in a moment; None: they are in memory alone.
    """

    seq: int
    points: Sequence[Point]
    came: float
    part: Part | None = None


class InFlight:
    """In the order of their numbers, which are never used twice."""

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._seq = 0

    def __len__(self) -> int:
        return len(self._frames)

    def __iter__(self) -> Iterator[Frame]:
        return iter(self._frames)

    @property
    def oldest(self) -> int | None:
        """Number of the frame that has been under way for longest."""
        return self._frames[0].seq if self._frames else None

    @property
    def unsaved(self) -> list[Frame]:
        """Those that are in memory alone."""
        return [frame for frame in self._frames if frame.part is None]

    @property
    def saved(self) -> int:
        """How many of them are on disk."""
        return len(self._frames) - len(self.unsaved)

    def send(self, points: Sequence[Point], came: float, part: Part | None = None) -> Frame:
        """A frame of them."""
        self._seq += 1
        self._frames.append(Frame(self._seq, points, came, part))
        return self._frames[-1]

    def confirm(self, seq: int) -> list[Frame]:
        """Those up to `seq`, which have arrived."""
        arrived = []
        while self._frames and self._frames[0].seq <= seq:
            arrived.append(self._frames.popleft())
        return arrived

    def discard(self, seq: int) -> Frame | None:
        """The frame `seq` alone, if it is here."""
        frame = next((frame for frame in self._frames if frame.seq == seq), None)
        if frame is not None:
            self._frames.remove(frame)
        return frame

    def give_up(self) -> list[Frame]:
        """All of them: nobody will answer."""
        frames = list(self._frames)
        self._frames.clear()
        return frames
