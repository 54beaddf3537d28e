"""What is free on the disk of the database, which it cannot know itself."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from webmacs.config import Config
from webmacs.database import Connection

REPORT = "select private.report_disk(%s)"
REPORT_ROOM = "select private.report_room(%s, %s)"
DEBIAN = Path("/var/lib/postgresql")
LOCAL = {"", "localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Room:
    """Of a disk, in bytes. What the system keeps for root alone belongs to neither."""

    free: int
    total: int


def room(config: Config) -> Room | None:
    """Of the disk of the database; None: it is on another machine."""
    folder = _folder(config)
    if folder is None:
        return None
    usage = shutil.disk_usage(folder)
    return Room(usage.free, usage.used + usage.free)


async def report(connection: Connection, config: Config) -> None:
    """Tell the database, for its forecast."""
    found = room(config)
    await connection.execute(REPORT, [found and found.free])


async def report_room(connection: Connection, config: Config) -> str | None:
    """Tell the database, which decides what follows: the level. None: nothing is known."""
    found = room(config)
    if found is None or not found.total:
        return None
    row = await (await connection.execute(REPORT_ROOM, [found.free, found.total])).fetchone()
    return str(row[0]) if row else None


def _folder(config: Config) -> Path | None:
    """The one that is set, else where the server has its data, if it is on this machine and we can see it."""
    wanted = config.storage.disk
    if wanted is None and config.database.embedded:
        wanted = config.database.data_dir
    elif wanted is None and _is_here(config.database.uri):
        wanted = DEBIAN
    return wanted if wanted is not None and wanted.exists() else None


def _is_here(uri: str) -> bool:
    try:
        host = str(conninfo_to_dict(uri).get("host") or os.environ.get("PGHOST", ""))
    except psycopg.ProgrammingError:
        return False
    return host in LOCAL or host.startswith(("/", "@"))
