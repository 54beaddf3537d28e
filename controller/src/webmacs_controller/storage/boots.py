"""Which offset makes UTC of the time-stamps of each start of the machine."""

import logging
import sqlite3

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

NOTE = """
insert into boots (id, "offset", guess) values (?, ?, ?)
    on conflict (id) do update set "offset" = coalesce(boots."offset", excluded."offset"), guess = excluded.guess
    returning number
"""
NEVER_SET = """
select number, guess, (select min(oldest) from chunks where boot = boots.number)
from boots where "offset" is null and id <> ? order by number
"""
NEWEST_BEFORE = """
select max(case when newest < ? then newest + coalesce("offset", guess) else newest end)
from chunks join boots on boots.number = boot where boot < ?
"""
GUESS = 'update boots set "offset" = ?, guessed = 1 where number = ?'


class Boots:
    """The table `boots`, of which `clock` belongs to this start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: tuple[int, int | None] | None = None

    def prepare(self, connection: sqlite3.Connection) -> None:
        """The clocks of earlier starts will not be set any more: what the system clock showed has to do, but nothing
        comes before what was measured earlier."""
        self._noted = None
        for number, guess, oldest in connection.execute(NEVER_SET, (self._clock.boot_id,)).fetchall():
            (newest,) = connection.execute(NEWEST_BEFORE, (FIRST_SET, number)).fetchone()
            offset = guess if newest is None or oldest is None else max(guess, newest + 1 - oldest)
            connection.execute(GUESS, (offset, number))
            log.warning("the clock was not set during an earlier start: its values get uncertain times")

    def current(self, connection: sqlite3.Connection) -> int:
        """The number of this start, noted with its offset as soon as that is known."""
        offset = self._clock.first_offset
        if self._noted is None or self._noted[1] != offset:
            (number,) = connection.execute(NOTE, (self._clock.boot_id, offset, self._clock.system_offset)).fetchone()
            self._noted = number, offset
        return self._noted[0]
