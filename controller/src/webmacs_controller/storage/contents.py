"""What a file holds, read beside the controller that writes it."""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from webmacs_controller.clock.clock import EPOCH, MICROSECOND
from webmacs_controller.storage.boots import FIRST_SET
from webmacs_controller.storage.errors import StoreError

ROWS = """
select instances, oldest, newest, coalesce("offset", guess), "offset" is not null and not guessed
from chunks join boots on boots.number = boot
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Points of one instance; `uncertain`: the clock was not set when some were measured, nor afterwards."""

    points: int
    oldest: datetime
    newest: datetime
    uncertain: bool


@dataclass(frozen=True, slots=True)
class Contents:
    """`bytes` is what the file and its log take, with room for more."""

    bytes: int
    rows: int
    instances: dict[str, Waiting]

    @property
    def points(self) -> int:
        """Of all instances."""
        return sum(waiting.points for waiting in self.instances.values())


def read_contents(path: Path) -> Contents:
    """Raises StoreError. The times are those of whole rows, so they are exact to seconds."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            rows = connection.execute(ROWS).fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}") from None
    instances: dict[str, Waiting] = {}
    for counts, oldest, newest, offset, certain in rows:
        times = _time(oldest, offset), _time(newest, offset), oldest < FIRST_SET and not certain
        for instance, points in json.loads(counts).items():
            more = Waiting(points, *times)
            instances[instance] = _both(instances[instance], more) if instance in instances else more
    return Contents(_bytes(path), len(rows), instances)


def _bytes(path: Path) -> int:
    files = (path.with_name(path.name + suffix) for suffix in ("", "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _time(microseconds: int, offset: int) -> datetime:
    return EPOCH + (microseconds if microseconds >= FIRST_SET else microseconds + offset) * MICROSECOND


def _both(one: Waiting, other: Waiting) -> Waiting:
    return Waiting(
        one.points + other.points,
        min(one.oldest, other.oldest),
        max(one.newest, other.newest),
        one.uncertain or other.uncertain,
    )
