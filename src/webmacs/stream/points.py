"""Datapoints on their way out: from a notification to the text that browsers get, each point rendered once for all."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct
from msgspec.json import Decoder

from webmacs.datapoints.times import to_text, to_us


class Point(NamedTuple):
    """`time` is in microseconds since 1970; `text` is the point as JSON."""

    event: str
    time: int
    text: str


class Batch:
    """Points under one number of the stream."""

    def __init__(self, n: int, points: list[Point]) -> None:
        self.n = n
        self.points = points

    @cached_property
    def text(self) -> str:
        """The message, as every client gets it."""
        points = ",".join([point.text for point in self.points])
        return f'{{"type":"datapoints_batch","n":{self.n},"datapoints":[{points}]}}'

    @property
    def size(self) -> int:
        """About how much it takes."""
        return len(self.text)

    def at(self, n: int) -> "Batch":
        """The same under another number."""
        return Batch(n, self.points)

    def only(self, events: Collection[str] | None) -> "Batch":
        """The same for a client that wants these events; None: all."""
        if events is None:
            return self
        return Batch(self.n, [point for point in self.points if point.event in events])


class Notification(Struct, gc=False):
    """The payload of webmacs_datapoints: events, times, values, qualities."""

    e: list[int]
    t: list[int]
    v: list[float]
    q: list[int]


read_notification = Decoder(Notification).decode


def of_notification(sent: Notification, names: Mapping[int, str]) -> list[Point]:
    """Its points; those of events without a name are left out."""
    return [
        _point(names[event], time, value, quality)
        for event, time, value, quality in zip(sent.e, sent.t, sent.v, sent.q, strict=True)
        if event in names
    ]


def of_rows(rows: Iterable[tuple[UUID, datetime, float, int]]) -> list[Point]:
    """The same of rows (public id, time, value, quality)."""
    return [_point(str(event), to_us(time), value, quality) for event, time, value, quality in rows]


def _point(event: str, time: int, value: float, quality: int) -> Point:
    text = f'{{"event_public_id":"{event}","value":{value!r},"timestamp":"{to_text(time)}","quality":{quality}}}'
    return Point(event, time, text)
