"""What a migration would do, without doing it."""

from dataclasses import dataclass
from pathlib import Path

from webmacs.config import Config
from webmacs.migrate import files
from webmacs.migrate.bookkeeping import Applied, applied
from webmacs.migrate.connect import connect
from webmacs.resources import resource


@dataclass(frozen=True)
class FileState:
    """A file of db/ and what is to be done with it: `applied`, `pending`, `edited` (refused) or `missing` (refused)."""

    name: str
    state: str


def status(config: Config, db: Path | None = None) -> list[FileState]:
    """The state of every file, in the order of application. Raises Problem if the database cannot be reached."""
    source = db or resource("db")
    with connect(config.database.admin_uri) as connection:
        before = applied(connection)
    migrations, repeatables = files.migrations(source), files.repeatables(source)
    known = {file.name for file in [*migrations, *repeatables]}
    return [
        *(FileState(file.name, _state(file, before, "edited")) for file in migrations),
        *(FileState(file.name, _state(file, before, "pending")) for file in repeatables),
        *(FileState(name, "missing") for name in before if name not in known and name.startswith("migrations/")),
    ]


def _state(file: files.SqlFile, before: dict[str, Applied], if_changed: str) -> str:
    if file.name not in before:
        return "pending"
    return "applied" if before[file.name].sha256 == file.sha256 else if_changed
