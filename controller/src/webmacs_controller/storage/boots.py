"""Which offset makes UTC of the time-stamps of each start of the machine."""

import logging
import sqlite3
from datetime import UTC, datetime
from typing import NamedTuple

from webmacs_controller.clock.clock import EPOCH, MICROSECOND, SET_SINCE, Clock

log = logging.getLogger(__name__)

SCHEMA = """
create table if not exists boots (
    number   integer primary key,
    id       text not null unique,
    "offset" integer,          -- microseconds; null: its clock has not been set
    guess    integer not null, -- what the offset is by the system clock, which nobody vouches for
    guessed  integer not null default 0
);
"""

FIRST_SET = (SET_SINCE - EPOCH) // MICROSECOND
"""An earlier time-stamp, in microseconds, is of a clock that was not set."""

PLAUSIBLE = (datetime(2026, 1, 1, tzinfo=UTC) - EPOCH) // MICROSECOND
"""This program did not exist earlier: a clock that shows an earlier time says nothing."""

NOTE = """
insert into boots (id, "offset", guess) values (?, ?, ?)
    on conflict (id) do update set "offset" = coalesce(boots."offset", excluded."offset"), guess = excluded.guess
    returning number
"""
NEVER_SET = """
select number, guess, (select min(oldest) from chunks where boot = boots.number),
       (select max(newest) from chunks where boot = boots.number and newest < ?)
from boots where "offset" is null order by number desc
"""
KNOWN_BEFORE = """
select max(coalesce((select max(case when newest < ? then newest + "offset" else newest end)
                     from chunks where boot = boots.number), "offset"))
from boots where number < ? and "offset" is not null
"""
NEXT_START = 'select min("offset") from boots where number > ? and "offset" is not null'
GUESS = 'update boots set "offset" = max(coalesce("offset", ?1), ?1), guessed = 1 where number = ?2'


class _NeverSet(NamedTuple):
    """A start: what its offset was by its system clock, and its times, which count from the boot."""

    number: int
    guess: int
    oldest: int
    newest: int


class Boots:
    """The table `boots`, of which `clock` belongs to this start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: tuple[int, int | None] | None = None

    def forget(self) -> None:
        """Another file is used from now on, or the same after a failure."""
        self._noted = None

    def settle(self, connection: sqlite3.Connection) -> None:
        """Now that the clock is set, each start has its offset. The clocks of earlier ones will not be set any more:
        what the system clock showed has to do, but nothing comes before what was measured earlier, nor after the next
        start."""
        self.current(connection)
        rows = connection.execute(NEVER_SET, (FIRST_SET,)).fetchall()
        never_set = [_NeverSet(*row) for row in rows if None not in row]
        for start in never_set:  # the newest first, for none is later than the next one
            _set(connection, start.number, _likely(connection, start))
        for start in reversed(never_set):
            (before,) = connection.execute(KNOWN_BEFORE, (FIRST_SET, start.number)).fetchone()
            if before is not None:
                _set(connection, start.number, before + 1 - start.oldest)
            log.warning("the clock was not set during an earlier start: its values get uncertain times")

    def current(self, connection: sqlite3.Connection) -> int:
        """The number of this start, noted with its offset as soon as that is known."""
        offset = self._clock.first_offset
        if self._noted is None or self._noted[1] != offset:
            (number,) = connection.execute(NOTE, (self._clock.boot_id, offset, self._clock.system_offset)).fetchone()
            self._noted = number, offset
        return self._noted[0]


def _likely(connection: sqlite3.Connection, start: _NeverSet) -> int:
    (after,) = connection.execute(NEXT_START, (start.number,)).fetchone()
    latest: int = after - 1 - start.newest
    return min(start.guess, latest) if start.guess + start.oldest >= PLAUSIBLE else latest


def _set(connection: sqlite3.Connection, number: int, least: int) -> None:
    """The offset is at least this."""
    connection.execute(GUESS, (least, number))
