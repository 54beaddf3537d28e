"""The administrator's connection of the subcommands."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from webmacs.config import Config
from webmacs.errors.database import as_api_error
from webmacs.problem import Problem


@contextmanager
def owner(config: Config) -> Iterator[psycopg.Connection]:
    """A transaction as the owner of the database, by [database] admin_uri. Raises Problem for what it refuses."""
    with explained(config), psycopg.connect(config.database.admin_uri, application_name="webmacs") as connection:
        connection.execute("set role webmacs_owner")
        yield connection


@contextmanager
def explained(config: Config) -> Iterator[None]:
    """Raises Problem for what the database refuses."""
    try:
        yield
    except psycopg.OperationalError as error:
        raise _unreachable(config, error) from None
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedFunction):
        raise Problem("The database is not migrated; run `webmacs migrate`.") from None
    except psycopg.Error as error:
        refused = as_api_error(error)
        if refused is None:
            raise
        raise Problem(" ".join(filter(None, [refused.message, refused.hint]))) from None


def _unreachable(config: Config, error: psycopg.OperationalError) -> Problem:
    """Why nobody let us in, and what to do: most often this is another folder, or the server does not run."""
    database = config.database
    if database.embedded and not config.file.exists():
        return Problem(
            f"There is no {config.file}; go to the folder of the installation, or name its settings with --config."
        )
    reason = " ".join(str(error).split())
    if database.embedded and "Connection refused" in reason:
        return Problem(f"PostgreSQL does not answer on port {database.port}; start it: `webmacs up` (or `make run`).")
    return Problem(f"The database cannot be reached with [database] admin_uri: {reason}")
