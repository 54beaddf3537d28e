"""The administrator's connection."""

import psycopg

from webmacs.problem import Problem

# One migrator at a time in a database; db/apply.sh takes the same lock.
LOCK = 1463108173


def connect(uri: str, database: str | None = None) -> psycopg.Connection:
    """Connect as administrator, each statement its own transaction unless one is opened. Raises Problem.

    `database` is another one than the URI names.
    """
    try:
        return psycopg.connect(uri, autocommit=True, application_name="webmacs migrate", dbname=database)
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise Problem(f"The database cannot be reached with [database] admin_uri: {reason}") from None


def locked(uri: str, database: str | None = None) -> psycopg.Connection:
    """Connect and wait until no other migrator works on the database; closing the connection ends the lock."""
    connection = connect(uri, database)
    connection.execute("select pg_advisory_lock(%s)", (LOCK,))
    return connection
