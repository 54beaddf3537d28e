"""What private.migrations says was applied."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from webmacs.migrate.files import SqlFile


@dataclass(frozen=True)
class Applied:
    """A file as it was when it was applied."""

    sha256: str
    applied_at: datetime


def applied(connection: psycopg.Connection) -> dict[str, Applied]:
    """Every file that was applied, by name; none in a database that was never migrated."""
    if connection.execute("select to_regclass('private.migrations')").fetchone() == (None,):
        return {}
    rows = connection.execute("select name, sha256, applied_at from private.migrations").fetchall()
    return {name: Applied(sha256, applied_at) for name, sha256, applied_at in rows}


def record(connection: psycopg.Connection, file: SqlFile) -> None:
    """Note, in the transaction that applied the file, that it was."""
    connection.execute(
        "insert into private.migrations (name, sha256) values (%s, %s)"
        " on conflict (name) do update set sha256 = excluded.sha256, applied_at = now()",
        (file.name, file.sha256),
    )


def forget_repeatables(connection: psycopg.Connection) -> None:
    """Forget all but the migrations, so that a file that is no more is not remembered."""
    connection.execute("delete from private.migrations where not starts_with(name, 'migrations/')")
