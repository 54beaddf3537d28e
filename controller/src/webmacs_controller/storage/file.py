"""One SQLite file for one process, which others may read: every commit is on disk, a damaged file is set aside."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from webmacs_controller.storage.errors import StoreError

log = logging.getLogger(__name__)

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
PRIMARY_CODE = 0xFF

CHECKPOINT_PAGES = 4096
"""Of 4 KiB: up to so many wait in the write-ahead log. What is gone by then is written once, other things twice."""

WORTH_SHRINKING = 64
"""Pages that a file without points may keep."""


class File:
    """Opened with the first use, and after a failure again with the next, in the thread that uses it. `prepare` is
    called with each fresh connection. All methods raise StoreError."""

    def __init__(self, path: Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
        self.path = path
        self._prepare = prepare
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """On disk when it ends, if it is `durable`; else a power cut may undo it."""
        try:
            self._connection = self._connection or self._open()
            self._connection.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
            with self._connection as connection:
                yield connection
        except sqlite3.Error as error:
            self.close()  # after a failed fsync SQLite would go on as if nothing had been; opened anew it looks
            if getattr(error, "sqlite_errorcode", 0) & PRIMARY_CODE in DAMAGED:
                self._set_aside()
            raise StoreError(f"the buffer {self.path} cannot be used: {error}") from None

    def shrink(self) -> None:
        """Give free space back to the disk, when hardly anything is left in the file."""
        with self.transaction(durable=False) as connection:
            if _pragma(connection, "page_count") < WORTH_SHRINKING:
                return
        with self.transaction() as connection:
            connection.execute("vacuum")
            connection.execute("pragma wal_checkpoint(truncate)")

    def close(self) -> None:
        """Let go of it, whatever state it is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level="IMMEDIATE", timeout=1.0)
        try:
            connection.execute("pragma journal_mode = wal")
            connection.execute(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}")
            connection.execute("pragma secure_delete = off")  # or deleting writes every page once more
            connection.execute("pragma temp_store = memory")
            with connection:
                self._prepare(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _set_aside(self) -> None:
        damaged = self.path.with_name(f"{self.path.name}.damaged")
        try:
            self.path.replace(damaged)
            for suffix in ("-wal", "-shm"):
                with suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + suffix).replace(f"{damaged}{suffix}")
        except OSError as error:
            log.error("the buffer is damaged and cannot be set aside: %s", error)
        else:
            log.error("the buffer was damaged: it is set aside as %s, a fresh one is begun", damaged)


def used_bytes(connection: sqlite3.Connection) -> int:
    """What its rows take; the rest of the file is free for more."""
    pages = _pragma(connection, "page_count") - _pragma(connection, "freelist_count")
    return pages * _pragma(connection, "page_size")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    value: int = connection.execute(f"pragma {name}").fetchone()[0]
    return value
