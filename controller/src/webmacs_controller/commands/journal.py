"""What has been begun and what came of it, on disk: nothing is done that is not noted here before."""

import sqlite3
import time
from collections.abc import Iterator
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
"""

BEGIN = "insert into commands (id, instance, channel, value) values (?, ?, ?, ?)"
FINISH = """
insert into commands (id, state, read_back, error) values (?, ?, ?, ?)
    on conflict (id) do update set state = excluded.state, read_back = excluded.read_back, error = excluded.error
"""
NOTE = "update commands set noted_at = ?, state = coalesce(state, 'outcome_unknown') where id = ?"
PRUNE = "delete from commands where noted_at < ? and number <= (select max(number) from commands) - ?"
ENTRIES = "select id, instance, channel, state, read_back, error from commands"

KEEP_SECONDS = 86_400.0
"""A command that is sent again within a day is known, and not carried out again."""

KEEP_NEWEST = 1_000
"""These are kept longer: the clock of an edge PC may jump by years when it first hears of the time."""


class JournalError(Exception):
    """The journal cannot be read or written; the message says why."""


class Entry(NamedTuple):
    """A command that has been begun (`source` is the output), or answered; `result` is None if nobody knows it."""

    id: str
    source: Source | None
    result: CommandResult | None


class Journal:
    """One SQLite file, held by one process; everything is on disk when a method returns. All raise JournalError.

    Opened with the first use, and after a failure again with the next, in the thread that uses it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def begin(self, command_id: str, source: Source, value: float) -> None:
        """It will be carried out now. An id can be begun only once, and never after it has been answered."""
        with self._transaction() as connection:
            connection.execute(BEGIN, (command_id, *source, value))

    def finish(self, result: CommandResult) -> None:
        """This came of it, whether it had been begun or not."""
        with self._transaction() as connection:
            connection.execute(FINISH, (result.id, result.state, result.value, result.error))

    def note(self, command_id: str, now: float | None = None) -> None:
        """The server has the result. What it has had for long is forgotten."""
        now = time.time() if now is None else now
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
        except sqlite3.Error as error:
            self.close()  # after a failed fsync SQLite would go on as if nothing had been; opened anew it looks
            raise JournalError(f"the journal {self._path} cannot be used: {error}") from None


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
