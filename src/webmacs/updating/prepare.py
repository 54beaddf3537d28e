"""Before a version of the server starts its services: the database is made to fit it.

What lies on the disk says which version runs, and whether it has to prove itself (`launcher`); a copy of the database
says what was before. From both follows what is to be done, whatever was interrupted:

| the version that starts | the copy was made before | |
|---|---|---|
| has to prove itself | it | migrate; nobody gets in |
| has to prove itself | nothing | make the copy first |
| has proved itself, or never had to | it | throw the copy away; everybody gets in |
| any | one that was taken back | the copy takes the place of the database |
"""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
from webmacs_controller.updates import launcher
from webmacs_controller.updates.installation import Installation
from webmacs_controller.updates.launcher import OUTCOME, Note

from webmacs.backup.restore import database_name, maintenance
from webmacs.config import Config
from webmacs.migrate import migrate
from webmacs.problem import Problem
from webmacs.updating import doors, kept

CLOSED = "The server is being updated."
PATIENCE = 120.0
"""Seconds for PostgreSQL to come up, after a boot."""

Stop = Callable[[], None]


def prepare(
    config: Config, installation: Installation, me: str, stop: Stop = lambda: None, db: Path | None = None
) -> tuple[Note | None, list[str]]:
    """The note of this version, if it has to prove itself, and the files of db/ that were applied. `stop` ends all
    services, and is called before anything is done that they would disturb. Raises Problem."""
    note, name = own_note(installation, me), database_name(config)
    with closing(_answering(config)) as server:
        _settle(server, installation.folder, name, me if note is None else None, stop)
        if note is not None:
            stop()
            if kept.kept_before(server, name) != me:
                kept.keep(server, name, me)
    done = migrate(config, db)
    doors.say(config, me, None if note is None else CLOSED)
    return note, done


def own_note(installation: Installation, me: str) -> Note | None:
    """None: this version does not have to prove itself."""
    note = launcher.probation(installation.folder)
    return note if note is not None and me and note.get("version") == me else None


def finish(config: Config, me: str) -> None:
    """This version has proved itself: everybody gets in, and there is no way back. Raises Problem."""
    doors.say(config, me)
    with closing(maintenance(config)) as server:
        kept.forget(server, database_name(config))


def _settle(server: psycopg.Connection, folder: Path, name: str, proved: str | None, stop: Stop) -> None:
    """What became of the update before. `proved`: the version that runs, if it does not have to prove itself."""
    version = kept.kept_before(server, name)
    if version is None:
        kept.forget_newer(server, name)
        return
    outcome = launcher.read(folder / OUTCOME) or {}
    completed = outcome.get("state") == "completed" and outcome.get("version") == version
    note = launcher.probation(folder)
    if note is not None and note.get("version") == version:
        return  # it is under way
    if not version or completed or version == proved:
        kept.forget(server, name)
        return
    stop()
    kept.put_back(server, name)


def _answering(config: Config) -> psycopg.Connection:
    """Raises Problem if PostgreSQL does not come up."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return maintenance(config)
        except Problem:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
