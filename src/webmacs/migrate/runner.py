"""Applies what is missing: roles, then each new migration, then all repeatable files if one of them changed."""

from pathlib import Path

import psycopg

from webmacs.config import Config
from webmacs.migrate import files
from webmacs.migrate.bookkeeping import Applied, applied, forget_repeatables, record
from webmacs.migrate.connect import locked
from webmacs.migrate.files import SqlFile
from webmacs.migrate.logins import set_passwords
from webmacs.migrate.settings import configure
from webmacs.problem import Problem
from webmacs.resources import resource

OWNER = "webmacs_owner"
# Roles belong to the whole cluster: another database's migrator may change the same one at the same moment.
ROLE_ATTEMPTS = 20


class MigrationError(Problem):
    """A file that cannot be applied; names it and says why. Nothing of it is left in the database."""


def migrate(config: Config, db: Path | None = None) -> list[str]:
    """Bring the database of `config` to the state of `db`, and tell PostgREST.

    Waits for another migrator that works on it. Returns the names of the files that were applied. Raises
    MigrationError; files applied before the failing one stay applied.
    """
    source = db or resource("db")
    with locked(config.database.admin_uri) as connection:
        before = applied(connection)
        refuse_edited(source, before)
        prepare_roles(connection, config, files.roles(source))
        connection.execute(f"set role {OWNER}")
        done = [*_apply_migrations(connection, source, before), *_apply_repeatables(connection, source, before)]
        configure(connection, config)
        connection.execute("notify pgrst, 'reload schema'")
        connection.execute("notify pgrst, 'reload config'")
        return done


def refuse_edited(db: Path, before: dict[str, Applied]) -> None:
    """Raise MigrationError if a migration was changed or taken away after it was applied."""
    present = {file.name: file for file in files.migrations(db)}
    for name, state in before.items():
        if not name.startswith("migrations/"):
            continue
        if name not in present:
            raise MigrationError(f"The database has {name}, which {db} has not: it was migrated by a newer WebMACS.")
        if present[name].sha256 != state.sha256:
            raise MigrationError(
                f"{present[name].path} was edited after it was applied on {state.applied_at:%Y-%m-%d}. "
                "Restore it and put the change into a new migration."
            )


def outdated(db: Path, before: dict[str, Applied]) -> bool:
    """Whether any repeatable file changed, came or went."""
    recorded = {name: state.sha256 for name, state in before.items() if not name.startswith("migrations/")}
    return recorded != {file.name: file.sha256 for file in files.repeatables(db)}


def prepare_roles(connection: psycopg.Connection, config: Config, file: SqlFile) -> None:
    """Roles, schemas and passwords, as the administrator."""
    for attempt in range(ROLE_ATTEMPTS):
        try:
            with connection.transaction():
                connection.execute(file.content)
                set_passwords(connection, config.database)
            return
        except psycopg.Error as error:
            collided = isinstance(error, psycopg.errors.InternalError_ | psycopg.errors.UniqueViolation)
            if not collided or attempt == ROLE_ATTEMPTS - 1:
                raise explained(error, file) from None


def _apply_migrations(connection: psycopg.Connection, db: Path, before: dict[str, Applied]) -> list[str]:
    new = [file for file in files.migrations(db) if file.name not in before]
    for file in new:
        with connection.transaction():
            _execute(connection, file)
            record(connection, file)
    return [file.name for file in new]


def _apply_repeatables(connection: psycopg.Connection, db: Path, before: dict[str, Applied]) -> list[str]:
    if not outdated(db, before):
        return []
    all_files = files.repeatables(db)
    with connection.transaction():
        forget_repeatables(connection)
        for file in all_files:
            _execute(connection, file)
            record(connection, file)
    return [file.name for file in all_files]


def _execute(connection: psycopg.Connection, file: SqlFile) -> None:
    try:
        connection.execute(file.content)
    except psycopg.Error as error:
        raise explained(error, file) from None


def explained(error: psycopg.Error, file: SqlFile) -> MigrationError:
    """The sentence for a file that PostgreSQL refused, with the line where PostgreSQL names one."""
    diagnosis = error.diag
    place = str(file.path)
    if diagnosis.statement_position:
        place += f", line {file.text.count(chr(10), 0, int(diagnosis.statement_position) - 1) + 1}"
    said = [diagnosis.message_primary or str(error), diagnosis.message_detail, diagnosis.context]
    reason = "; ".join(" ".join(part.split()) for part in said if part)
    return MigrationError(f"{place} cannot be applied, and nothing of it was: {reason}")
