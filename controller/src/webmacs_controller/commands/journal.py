"""What has been begun and what came of it, on disk: nothing is done that is not noted here before."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from webmacs_controller.measuring.point import Source
from webmacs_controller.transport.protocol import CommandResult, Outcome

SCHEMA = """
create table if not exists commands (
    number    integer primary key,
    id        text not null unique,
    instance  text,
    channel   text,
    value     real,
    state     text,     -- null: begun, and how it ended is not known
    read_back real,
    error     text,
    noted_at  real      -- when the server had the result, in seconds since 1970
);
create index if not exists commands_noted_at on commands (noted_at);
create table if not exists runs (       -- of the controller
    number   integer primary key,
    began_at text not null default current_timestamp,
    ended_at text      -- null: it runs, or it ended without having made its outputs safe
);
create table if not exists duties (     -- outputs that had to go to their safe values
    number   integer primary key,
    instance text not null,
    channel  text not null,
    value    real not null,
    why      text not null,
    began_at text not null default current_timestamp,
    ended_at text      -- null: they are not there, as far as is known
);
create index if not exists duties_open on duties (number) where ended_at is null;
create table if not exists set_points (
    instance text,
    channel  text,
    value    real not null,
    primary key (instance, channel)
);
"""

BEGIN = "insert into commands (id, instance, channel, value) values (?, ?, ?, ?)"
FINISH = """
insert into commands (id, state, read_back, error) values (?, ?, ?, ?)
    on conflict (id) do update set state = excluded.state, read_back = excluded.read_back, error = excluded.error
"""
NOTE = "update commands set noted_at = ?, state = coalesce(state, 'outcome_unknown') where id = ?"
PRUNE = "delete from commands where noted_at < ? and number <= (select max(number) from commands) - ?"
START = "insert into runs default values"
STOP = "update runs set ended_at = current_timestamp where number = (select max(number) from runs)"
LAST_RUN = "select ended_at is not null from runs order by number desc limit 1"
OWE = "insert into duties (instance, channel, value, why) values (?, ?, ?, ?)"
PAY = "update duties set ended_at = current_timestamp where ended_at is null and instance = ? and channel = ?"
DUTIES = "select distinct instance, channel from duties where ended_at is null"
PRUNE_DUTIES = "delete from duties where number <= (select max(number) from duties) - 1000"
PRUNE_RUNS = "delete from runs where number <= (select max(number) from runs) - 1000"
ENTRIES = "select id, instance, channel, state, read_back, error from commands"

CHOOSE = """
insert into set_points (instance, channel, value) values (?, ?, ?)
    on conflict (instance, channel) do update set value = excluded.value
"""
CHOSEN = "select channel, value from set_points where instance = ?"

KEEP_SECONDS = 86_400.0
"""A command that is sent again within a day is known, and not carried out again."""

KEEP_NEWEST = 1_000
"""These are kept longer: the clock of an edge PC may jump by years when it first hears of the time."""


class JournalError(Exception):
    """The journal cannot be read or written; the message says why."""


class JournalInUseError(JournalError):
    """Another process holds it."""


class Entry(NamedTuple):
    """A command that has been begun (`source` is the output), or answered; `result` is None if nobody knows it."""

    id: str
    source: Source | None
    result: CommandResult | None


class Journal:
    """One SQLite file, held by one process; everything is on disk when a method returns. All raise JournalError.

    Opened with the first use, and after a failure again with the next, in the thread that uses it. `works` tells
    whether it did when it was used last. `clock` gives seconds since 1970, and may jump.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.works = True
        self._path = path
        self._clock = clock
        self._started = False
        self._connection: sqlite3.Connection | None = None

    def begin(self, command_id: str, source: Source, value: float) -> None:
        """It will be carried out now. An id can be begun only once, and never after it has been answered."""
        with self._transaction() as connection:
            if not self._started:  # it could not be noted then
                connection.execute(START)
            connection.execute(BEGIN, (command_id, *source, value))
        self._started = True

    def finish(self, result: CommandResult) -> None:
        """This came of it, whether it had been begun or not."""
        with self._transaction() as connection:
            connection.execute(FINISH, (result.id, result.state, result.value, result.error))

    def note(self, command_id: str) -> None:
        """The server has the result. What it has had for long is forgotten."""
        now = self._clock()
        with self._transaction() as connection:
            connection.execute(NOTE, (now, command_id))
            connection.execute(PRUNE, (now - KEEP_SECONDS, KEEP_NEWEST))

    def find(self, command_id: str) -> Entry | None:
        """What is known of a command."""
        with self._transaction() as connection:
            row = connection.execute(f"{ENTRIES} where id = ?", (command_id,)).fetchone()
        return _entry(row) if row else None

    def open_entries(self) -> list[Entry]:
        """All that the server does not have yet, in order."""
        with self._transaction() as connection:
            rows = connection.execute(f"{ENTRIES} where noted_at is null order by number").fetchall()
        return [_entry(row) for row in rows]

    def start(self) -> tuple[bool, list[Source]]:
        """From now on outputs may be moved. Whether the run before left them at their safe values, and which it was
        about to set to them."""
        with self._transaction() as connection:
            clean = connection.execute(LAST_RUN).fetchone()
            unpaid: list[Source] = connection.execute(DUTIES).fetchall()
            connection.execute(START)
            connection.execute(PRUNE_RUNS)
        self._started = True
        return clean is None or bool(clean[0]), unpaid

    def stop(self) -> None:
        """All outputs are at their safe values."""
        with self._transaction() as connection:
            connection.execute(STOP)

    def owe(self, duties: Iterable[tuple[Source, float, str]]) -> None:
        """These outputs are to go to these values, their safe ones, for a reason."""
        with self._transaction() as connection:
            connection.executemany(OWE, [(*source, value, why) for source, value, why in duties])
            connection.execute(PRUNE_DUTIES)

    def pay(self, sources: Iterable[Source]) -> None:
        """They are there."""
        with self._transaction() as connection:
            connection.executemany(PAY, sources)

    def choose(self, source: Source, value: float) -> None:
        """This set point has this value, for good."""
        with self._transaction() as connection:
            connection.execute(CHOOSE, (*source, value))

    def set_points(self, instance: str) -> dict[str, float]:
        """Those of an instance that have been chosen."""
        with self._transaction() as connection:
            return dict(connection.execute(CHOSEN, (instance,)).fetchall())

    def close(self) -> None:
        """Let go of the file, whatever state it is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            self._connection = self._connection or _open(self._path)
            with self._connection as connection:
                yield connection
            self.works = True
        except sqlite3.Error as error:
            self.works = False
            self.close()  # after a failed fsync SQLite would go on as if nothing had been; opened anew it looks
            kind = JournalInUseError if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY else JournalError
            raise kind(f"the journal {self._path} cannot be used: {error}") from None


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level="IMMEDIATE", timeout=1.0)
    try:
        # Exclusive: a second controller that is started by mistake gets none, and so acts on nothing.
        connection.execute("pragma locking_mode = exclusive")
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        connection.executescript(SCHEMA)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _entry(row: tuple[str, str | None, str | None, Outcome | None, float | None, str | None]) -> Entry:
    command_id, instance, channel, state, read_back, error = row
    source = None if instance is None or channel is None else (instance, channel)
    return Entry(command_id, source, None if state is None else CommandResult(command_id, state, read_back, error))
