"""The administrator's connection of the subcommands."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from webmacs.config import Config
from webmacs.database_errors import as_api_error
from webmacs.problem import Problem


@contextmanager
def owner(config: Config) -> Iterator[psycopg.Connection]:
    """A transaction as the owner of the database, by [database] admin_uri. Raises Problem for what it refuses."""
    try:
        with psycopg.connect(config.database.admin_uri, application_name="webmacs") as connection:
            connection.execute("set role webmacs_owner")
            yield connection
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise Problem(f"The database cannot be reached with [database] admin_uri: {reason}") from None
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedFunction):
        raise Problem("The database is not migrated; run `webmacs migrate`.") from None
    except psycopg.Error as error:
        refused = as_api_error(error)
        if refused is None:
            raise
        raise Problem(" ".join(filter(None, [refused.message, refused.hint]))) from None
