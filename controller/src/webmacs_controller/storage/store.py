"""Points on disk: a row for many of them, there when `write` returns, until `remove`."""

import json
import logging
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from webmacs_controller.clock.clock import EPOCH, MICROSECOND, Clock
from webmacs_controller.clock.correction import corrected
from webmacs_controller.measuring.point import Point, Source
from webmacs_controller.storage import boots
from webmacs_controller.storage.boots import FIRST_SET, Boots
from webmacs_controller.storage.encoding import decode, encode
from webmacs_controller.storage.file import File, used_bytes

log = logging.getLogger(__name__)

SCHEMA = f"""
{boots.SCHEMA}
create table if not exists sources (
    number   integer primary key,
    instance text not null,
    channel  text not null
);
create table if not exists chunks (
    number    integer primary key,
    boot      integer not null references boots,
    points    integer not null,
    instances text not null,    -- how many of the points each has, in JSON
    oldest    integer not null, -- microseconds since 1970, or since the boot (Clock.now)
    newest    integer not null,
    data      blob not null
);
"""
ADD = "insert into chunks (number, boot, points, instances, oldest, newest, data) values (?, ?, ?, ?, ?, ?, ?)"
NEXT = """
select chunks.number, oldest, "offset", guessed, data from chunks join boots on boots.number = boot
where chunks.number > ? order by chunks.number limit 1
"""
OLDEST = "select number, newest, length(data) from chunks order by number"
DELETE = "delete from chunks where number in (select value from json_each(?)) returning points"
TOTALS = "select coalesce(sum(points), 0), coalesce(max(number), 0) from chunks"


@dataclass(frozen=True, slots=True)
class Row:
    """Points in the order in which they were written."""

    number: int
    points: list[Point]


class _Found(NamedTuple):
    number: int
    oldest: int
    offset: int | None
    guessed: int
    data: bytes


class Store:
    """`points` are in the file; `dropped` went because of its limits, or because they could not be read any more.

    When the file would take more than `most_bytes`, and when values are older than `keep`, the oldest rows go.
    The methods belong into one thread and raise StoreError. Numbers of rows rise and are never used twice.
    """

    def __init__(self, path: Path, most_bytes: int, keep: timedelta, clock: Clock) -> None:
        self.points = 0
        self.dropped = 0
        self._file = File(path, self._prepare)
        self._most_bytes = most_bytes
        self._keep = keep
        self._clock = clock
        self._boots = Boots(clock)
        self._numbers: dict[Source, int] = {}
        self._sources: dict[int, Source] = {}
        self._last = 0
        self._losing = False
        self._used = False

    def write(self, batches: Iterable[Sequence[Point]]) -> list[int]:
        """A row for each of them, all in one commit; their numbers."""
        with self._file.transaction() as connection:
            boot = self._boots.current(connection)
            rows = [self._row(connection, boot, number, batch) for number, batch in enumerate(batches, self._last + 1)]
            gone = self._make_room(connection, sum(len(row[-1]) for row in rows), max(row[-2] for row in rows))
            connection.executemany(ADD, rows)
        self._last += len(rows)
        self.points += sum(row[2] for row in rows)
        self._lose(gone)
        return [row[0] for row in rows]

    def read(self, after: int) -> Row | None:
        """The first row with a higher number; None if there is none, or it waits for the clock to be set."""
        while (found := self._next(after)) is not None:
            try:
                points = decode(found.data, self._sources)
            except ValueError as error:
                log.error("%s: row %d is lost: %s", self._file.path, found.number, error)
                with self._file.transaction() as connection:
                    gone = _delete(connection, [found.number])
                self._lose(gone)
            else:
                return Row(found.number, corrected(points, found.offset, guessed=bool(found.guessed)))
        return None

    def remove(self, numbers: Collection[int]) -> int:
        """The server has the points of these rows. A power cut may bring them back: then it gets them twice. How many
        points went; fewer if some rows were gone."""
        with self._file.transaction(durable=False) as connection:
            gone = _delete(connection, numbers)
        self.points -= gone
        if self.points == 0:
            self._file.shrink()
            self._losing = False
        return gone

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _next(self, after: int) -> _Found | None:
        with self._file.transaction() as connection:
            row = connection.execute(NEXT, (after,)).fetchone()
            found = _Found(*row) if row else None
            if found is None or found.offset is not None or found.oldest >= FIRST_SET:
                return found
            if not self._clock.is_set:
                return None
            self._boots.settle(connection)  # what is sent once has that time for ever
            return _Found(*connection.execute(NEXT, (after,)).fetchone())

    def _row(self, connection: sqlite3.Connection, boot: int, number: int, points: Sequence[Point]) -> tuple[Any, ...]:
        for source in sorted({point.source for point in points} - self._numbers.keys()):
            number_of_source = len(self._numbers) + 1
            connection.execute("insert into sources values (?, ?, ?)", (number_of_source, *source))
            self._numbers[source], self._sources[number_of_source] = number_of_source, source
        times = [point.timestamp for point in points]
        instances = json.dumps(Counter(point.source[0] for point in points))
        data = encode(points, self._numbers)
        return number, boot, len(points), instances, _microseconds(min(times)), _microseconds(max(times)), data

    def _make_room(self, connection: sqlite3.Connection, needed: int, newest: int) -> int:
        """For so many bytes, and values of that time. How many points went."""
        excess = used_bytes(connection) + needed - self._most_bytes
        expired = newest - self._keep // MICROSECOND
        going = []
        for number, row_newest, size in connection.execute(OLDEST):
            if excess <= 0 and not FIRST_SET <= row_newest < expired:
                break
            going.append(number)
            excess -= size
        return _delete(connection, going)

    def _lose(self, points: int) -> None:
        self.points -= points
        self.dropped += points
        if points and not self._losing:
            log.warning("%s is at its limit of bytes or age: the oldest points are dropped", self._file.path)
            self._losing = True

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.executescript(SCHEMA)
        self._boots.forget()
        sources = connection.execute("select number, instance, channel from sources")
        self._sources = {number: (instance, channel) for number, instance, channel in sources}
        self._numbers = {source: number for number, source in self._sources.items()}
        if self._used:  # a write that failed may be there all the same: its points are kept elsewhere
            connection.execute("delete from chunks where number > ?", (self._last,))
        self._used = True
        points, last = connection.execute(TOTALS).fetchone()
        self._last = max(self._last, last)
        self.dropped += max(0, self.points - points)  # what a damaged file had
        self.points = points


def _delete(connection: sqlite3.Connection, numbers: Collection[int]) -> int:
    return sum(points for (points,) in connection.execute(DELETE, (json.dumps(list(numbers)),)))


def _microseconds(timestamp: datetime) -> int:
    return (timestamp - EPOCH) // MICROSECOND
