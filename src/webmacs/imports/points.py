"""From the record of a CSV file to a point, or to what is wrong with it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from webmacs.datapoints.times import to_us
from webmacs.export.channels import Channel
from webmacs.export.lines import harmless
from webmacs.imports.columns import Columns

GOOD = 192
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


@dataclass(frozen=True)
class Point:
    """`time` is in microseconds since 1970, `line` the number of its line in the file."""

    line: int
    event_id: int
    time: int
    value: float
    quality: int


class RefusedError(Exception):
    """A line is not stored. `reason` is a word for programs, as private.ingest has them."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PointReader:
    """Reads records of files with these columns."""

    def __init__(self, columns: Columns, channels: Sequence[Channel]) -> None:
        self._columns = columns
        self._by_public_id: dict[str, Channel] = {}
        self._by_name: dict[str, Channel] = {}
        for channel in channels:
            self._by_public_id[str(channel.public_id)] = channel
            self._by_name[harmless(channel.name)] = channel
        for channel in channels:  # as people write it, unless it is what export calls another
            self._by_name.setdefault(channel.name, channel)

    def read(self, line: int, record: list[str]) -> Point:
        """The point of one record. Raises RefusedError."""
        if len(record) != self._columns.count:
            raise RefusedError("malformed", f"The line has {len(record)} cells, the header {self._columns.count}.")
        channel = self._channel(record)
        unit = _cell(record, self._columns.unit)
        if unit and unit not in (channel.unit, harmless(channel.unit)):
            raise RefusedError("wrong_unit", f"unit must be {channel.unit}, as that of {channel.name} is.")
        return Point(
            line,
            channel.id,
            _time(record[self._columns.timestamp]),
            self._value(record[self._columns.value]),
            _quality(_cell(record, self._columns.quality)),
        )

    def _channel(self, record: list[str]) -> Channel:
        public_id, name = _cell(record, self._columns.event_public_id), _cell(record, self._columns.event)
        found = self._by_public_id.get(_canonical(public_id)) if public_id else self._by_name.get(name)
        if found is None:
            wrong = f"event_public_id: {public_id[:80]!r}" if public_id else f"event: {name[:80]!r}"
            raise RefusedError("unknown_event", f"There is no such {wrong}.")
        return found

    def _value(self, text: str) -> float:
        if self._columns.decimal_comma:
            # a point would be a thousands separator, or the file is mixed up: then nobody knows what it means
            text = text.replace(".", "?").replace(",", ".")
        if NUMBER.fullmatch(text):
            return float(text)
        if NOT_FINITE.fullmatch(text):
            raise RefusedError("not_finite", "value must be a finite number.")
        raise RefusedError(
            "malformed", f"value must be a number such as {'1,5' if self._columns.decimal_comma else 1.5}."
        )


def _cell(record: list[str], place: int | None) -> str:
    return "" if place is None else record[place]


def _canonical(public_id: str) -> str:
    if len(public_id) == 36 and public_id.islower():
        return public_id
    try:
        return str(UUID(public_id))
    except ValueError:
        return ""


def _time(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError("malformed", "timestamp must be ISO 8601, such as 2026-01-31T13:45:00+01:00.") from None
    if moment.tzinfo is None:
        raise RefusedError("malformed", "timestamp must have an offset from UTC, such as +01:00 or Z.")
    return to_us(moment)


def _quality(text: str) -> int:
    if not text:
        return GOOD
    if text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= 255:
        return int(text)
    raise RefusedError("malformed", "quality must be a whole number from 0 to 255.")
