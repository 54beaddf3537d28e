"""What a controller sends: text frames into columns, the fast way. What this cannot read goes to lenient.py."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

from webmacs.datapoints.times import EPOCH, MICROSECOND, now_us, to_us

MAX_POINTS = 5000
GOOD = 192


class TooManyPointsError(Exception):
    """A frame beyond MAX_POINTS; it closes the socket."""


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """A point that was not stored: its index in the frame, and why."""

    index: int
    event_public_id: str
    reason: str


@dataclass(slots=True)
class Frame:
    """The points of one telemetry frame as columns; times are microseconds since 1970.

    `indexes` tells where each stood in the frame; None: in the same place. `malformed` stands in no column.
    """

    seq: int | None
    event_public_ids: list[str]
    times: list[int]
    values: list[float]
    qualities: list[int]
    indexes: list[int] | None = None
    malformed: list[Refusal] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.values)

    def refusal(self, row: int, reason: str) -> Refusal:
        """The point of this row of the columns, refused."""
        return Refusal(self.indexes[row] if self.indexes else row, self.event_public_ids[row], reason)


class Point(Struct, gc=False):
    """A point as it is sent."""

    event_public_id: str
    value: float
    timestamp: datetime | None = None
    quality: Annotated[int, Meta(ge=-32768, le=32767)] | None = None


class Message(Struct, gc=False):
    """A telemetry frame, or, if `type` is given, another message."""

    type: str | None = None
    seq: int | None = None
    datapoints: list[Point] | None = None


decoder = Decoder(Message)


def frame_of(seq: int | None, points: Sequence[Point]) -> Frame:
    """The columns of well-formed points."""
    public_ids = [point.event_public_id for point in points]
    return Frame(
        seq,
        public_ids,
        _times(public_ids, [point.timestamp for point in points]),
        [point.value for point in points],
        [GOOD if point.quality is None else point.quality for point in points],
    )


def _times(public_ids: list[str], timestamps: Sequence[datetime | None]) -> list[int]:
    try:
        return [(timestamp - EPOCH) // MICROSECOND for timestamp in timestamps]  # type: ignore[operator]
    except TypeError:  # some are missing or have no offset
        return times_with_care(public_ids, timestamps)


def times_with_care(public_ids: list[str], timestamps: Sequence[datetime | None]) -> list[int]:
    """The time of each point; a missing one is now, and a microsecond more for each repeat of its event."""
    arrival = now_us()
    repeats: Counter[str] = Counter()
    times = []
    for public_id, timestamp in zip(public_ids, timestamps, strict=True):
        times.append(to_us(timestamp) if timestamp else arrival + repeats[public_id.lower()])
        repeats[public_id.lower()] += timestamp is None
    return times
