"""The disk of a machine: SQLite on files in memory, which can be full, or break, and forgets at a power cut."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SUFFIXES = ("", "-wal")
Content = dict[str, bytes | None]


class Disk:
    """`full`: nothing can be written. `deceives`: the next commit fails, and is on the disk all the same."""

    def __init__(self) -> None:
        self.full = False
        self.deceives = False
        self._open: dict[str, Watched] = {}
        self._synced: dict[str, Content] = {}  # of files that have changed since, not synced

    @contextmanager
    def installed(self) -> Iterator[None]:
        """In place of the machine's own."""
        before = sqlite3.connect
        sqlite3.connect = self._connect  # type: ignore[assignment]
        try:
            yield
        finally:
            sqlite3.connect = before

    def crash(self, *, power_cut: bool) -> None:
        """The program that has files open is gone; a power cut takes with it what was not synced."""
        for path, connection in list(self._open.items()):
            content = self._synced.get(path) if power_cut else None
            content = content or _read(path)
            connection.close()  # which may tidy up
            _write(path, content)
        self._synced.clear()

    def closed(self, path: str) -> None:
        """Its program has let go of it."""
        self._open.pop(path, None)

    def before_commit(self, path: str, *, syncs: bool) -> None:
        """Raises sqlite3.OperationalError."""
        if self.full:
            raise sqlite3.OperationalError("database or disk is full")
        if not syncs and path not in self._synced:
            self._synced[path] = _read(path)

    def after_commit(self, path: str, *, syncs: bool) -> None:
        """Raises sqlite3.OperationalError."""
        if syncs:
            self._synced.pop(path, None)
        if self.deceives:
            self.deceives = False
            raise sqlite3.OperationalError("disk I/O error")

    def _connect(self, path: str | Path, **settings: Any) -> "Watched":
        self._open[str(path)] = connection = Watched(self, str(path), **settings)
        return connection


class Watched(sqlite3.Connection):
    """Tells the disk of its commits."""

    def __init__(self, disk: Disk, path: str, **settings: Any) -> None:
        super().__init__(path, **settings)
        self._disk = disk
        self._path = path
        self._syncs = True

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        if sql.startswith("pragma synchronous"):
            self._syncs = sql.endswith("full")
        cursor = super().execute(sql, *parameters)
        if sql == "vacuum":
            self._disk.after_commit(self._path, syncs=self._syncs)
        return cursor

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        if kind is not None or not self.in_transaction:
            return super().__exit__(kind, error, trace)
        try:
            self._disk.before_commit(self._path, syncs=self._syncs)
        except sqlite3.Error:
            self.rollback()
            raise
        super().__exit__(kind, error, trace)
        self._disk.after_commit(self._path, syncs=self._syncs)
        return False

    def close(self) -> None:
        self._disk.closed(self._path)
        super().close()


def _read(path: str) -> Content:
    files = {suffix: Path(path + suffix) for suffix in SUFFIXES}
    return {suffix: file.read_bytes() if file.exists() else None for suffix, file in files.items()}


def _write(path: str, content: Content) -> None:
    Path(f"{path}-shm").unlink(missing_ok=True)
    for suffix, data in content.items():
        if data is None:
            Path(path + suffix).unlink(missing_ok=True)
        else:
            Path(path + suffix).write_bytes(data)
