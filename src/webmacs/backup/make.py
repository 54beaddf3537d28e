"""Makes a backup while everything goes on: one snapshot of the database, which pg_dump and the figures share."""

import fcntl
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from webmacs import __version__
from webmacs.backup import files, manifest
from webmacs.backup.archive import PIECE, Writer, sweep
from webmacs.backup.figures import SCHEMAS, figures, prepare, tables
from webmacs.backup.manifest import DUMP, MANIFEST, Figures, Manifest
from webmacs.backup.programs import find_programs
from webmacs.backup.server import answering
from webmacs.config import Config
from webmacs.files import give
from webmacs.migrate.bookkeeping import applied
from webmacs.migrate.connect import connect, for_program
from webmacs.problem import Problem

Say = Callable[[str], None]

NAME = re.compile(r"webmacs-\d{8}T\d{6}Z\.tar")
SPARE_BYTES = 100_000_000
LONGEST = 2000

# Text that was compressed a little never is more than the table; indexes are not in it.
SIZE = """
    select coalesce(sum(pg_table_size(c.oid)), 0)::bigint from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any (%s) and c.relkind = 'r'
"""


def back_up(config: Config, folder: Path, keep: int, say: Say) -> Path:
    """A new backup in `folder`; of those there the newest `keep` stay (0: all). Raises Problem."""
    with _in_words(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(folder), answering(config), closing(connect(config.database.admin_uri)) as connection:
            sweep(folder)
            path = _write(config, connection, folder)
        for old in sorted(listed(folder))[:-keep] if keep else []:
            old.unlink()
            say(f"removed {old}")
    return path


def listed(folder: Path) -> list[Path]:
    """The backups that are there."""
    return [path for path in folder.glob("*.tar") if NAME.fullmatch(path.name)]


def _write(config: Config, connection: psycopg.Connection, folder: Path) -> Path:
    migrations = [name for name in applied(connection) if name.startswith("migrations/")]
    if not migrations:
        raise Problem("There is nothing to back up: the database is not migrated.")
    major = connection.info.server_version // 10000
    programs = find_programs(config, major)
    prepare(connection)
    _check_room(connection, folder)
    created = datetime.now(UTC).replace(microsecond=0)
    while (path := folder / f"webmacs-{created:%Y%m%dT%H%M%SZ}.tar").exists():
        created += timedelta(seconds=1)
    with Writer(path) as writer, ThreadPoolExecutor(1) as beside, connection.transaction():
        snapshot = _snapshot(connection)
        counting: Future[dict[str, Figures]] = beside.submit(figures, connection)
        try:
            writer.add(DUMP, _dump(config, programs, snapshot))
        except BaseException:
            connection.cancel()  # nobody needs the figures any more
            raise
        for name, content in files.gather(config):
            writer.add(name, [content])
        said = Manifest(
            manifest.FORMAT, __version__, created, connection.info.dbname, major, _major(programs),
            sorted(migrations), counting.result(), writer.parts.copy(),
        )  # fmt: skip
        writer.add(MANIFEST, [manifest.write(said)])
    return path


def _snapshot(connection: psycopg.Connection) -> str:
    """Of this transaction. Tables that are in it are not dropped until its end."""
    connection.execute("set transaction isolation level repeatable read, read only")
    row = connection.execute("select pg_export_snapshot()").fetchone()
    assert row is not None  # noqa: S101
    names = psycopg.sql.SQL(", ").join(psycopg.sql.Identifier(*name) for name in tables(connection))
    connection.execute(psycopg.sql.SQL("lock table {} in access share mode").format(names))
    return str(row[0])


def _dump(config: Config, programs: Path, snapshot: str) -> Iterator[bytes]:
    """What pg_dump writes. Raises Problem if it fails."""
    address, environment = for_program(config.database.admin_uri)
    command = [str(programs / "pg_dump"), "--format=custom", "--compress=1", f"--snapshot={snapshot}", "--no-password"]
    command += ["--role=webmacs_owner", *(f"--schema={name}" for name in SCHEMAS), f"--dbname={address}"]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, env=environment
        )
        assert process.stdout is not None  # noqa: S101
        try:
            while piece := process.stdout.read(PIECE):
                yield piece
        except BaseException:
            process.terminate()
            raise
        finally:
            process.stdout.close()
            code = process.wait()
        if code:
            said.seek(0)
            words = " ".join(said.read(LONGEST).decode(errors="replace").split())
            raise Problem(f"pg_dump failed, and no backup was made: {words or f'exit code {code}'}")


def _check_room(connection: psycopg.Connection, folder: Path) -> None:
    row = connection.execute(SIZE, (list(SCHEMAS),)).fetchone()
    needed = (row[0] if row else 0) + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Problem(
            f"{folder} has not the room for a backup: it may take {needed // 1_000_000} MB,"
            f" and {free // 1_000_000} MB are free. Name another folder, or keep fewer."
        )


def _major(programs: Path) -> int:
    said = subprocess.run([programs / "pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.findall(r"\d+", said)[0])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time; who dies lets go. A lock that root has made does not keep the service out."""
    with (folder / ".lock").open("w") as file:
        with suppress(PermissionError):
            give(file.fileno(), folder)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(f"Another backup is just being written to {folder}.") from None
        yield


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = error.filename or folder
        raise Problem(f"The backup cannot be written, and nothing of it is left: {place}: {error.strerror}.") from None
