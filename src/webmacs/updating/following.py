"""What administrators want of the server itself (`api.updates` without a controller): the controllers' updater, with
the database in the place of a server."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import psycopg
from webmacs_controller.packages.download import DownloadError
from webmacs_controller.updates.installation import Installation
from webmacs_controller.updates.updater import Updater, Wanted

from webmacs.config import Config
from webmacs.migrate.connect import connect
from webmacs.problem import Problem

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
WANTED = "select private.wanted_update(null)"
REPORT = "select private.report_update(null, %s::jsonb)"
PIECE = """
    select p.bytes from private.update_bundle_pieces p join private.update_bundles b on b.id = p.bundle_id
    where b.sha256 = %s and p.number = %s
"""


class FromDatabase:
    """Bundles as they were uploaded."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def fetch(self, wanted: Wanted, path: Path) -> None:
        """Raises DownloadError, OSError."""
        digest, number = hashlib.sha256(), 0
        try:
            with path.open("wb") as file, closing(_owner(self._config)) as connection:
                while piece := connection.execute(PIECE, (wanted.sha256, number)).fetchone():
                    file.write(piece[0])
                    digest.update(piece[0])
                    number += 1
        except (psycopg.Error, Problem) as error:
            raise DownloadError(f"the database does not give it: {' '.join(str(error).split())}") from None
        if digest.hexdigest() != wanted.sha256:
            raise DownloadError("the database has not got all of it")


def follow(config: Config, installation: Installation, ends: Callable[[], bool] = lambda: False) -> Thread:
    """In the background, for as long as the process lives, or until it ends."""
    thread = Thread(target=lambda: asyncio.run(_follow(config, installation, ends)), name="updates", daemon=True)
    thread.start()
    return thread


async def _follow(config: Config, installation: Installation, ends: Callable[[], bool]) -> None:
    asked = asyncio.Event()
    updater = Updater(asked.set, installation, FromDatabase(config))
    working = asyncio.create_task(updater.run())
    while not (working.done() or ends()):
        try:
            updater.want(await asyncio.to_thread(_round, config, updater.report))
        except (psycopg.Error, Problem) as error:
            log.warning("what is wanted of the server cannot be asked: %s", " ".join(str(error).split()))
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await asked.wait()
        except TimeoutError:
            pass
        asked.clear()
    if working.done():
        working.result()
    working.cancel()
    updater.stop()


def _round(config: Config, report: Callable[[], Any]) -> dict[str, Any] | None:
    """How far it is, to the database; what is wanted, from it."""
    with closing(_owner(config)) as connection:
        if (said := report()) is not None:
            connection.execute(REPORT, (json.dumps(msgspec.to_builtins(said)),))
        row = connection.execute(WANTED).fetchone()
        return row[0] if row else None


def _owner(config: Config) -> psycopg.Connection:
    connection = connect(config.database.admin_uri)
    connection.execute("set role webmacs_owner")
    return connection
