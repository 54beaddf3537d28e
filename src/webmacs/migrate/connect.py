"""The administrator's connection."""

import os

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

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


def for_program(uri: str, database: str | None = None) -> tuple[str, dict[str, str]]:
    """What a program of PostgreSQL gets to connect there: its argument, and its environment.

    The password goes by the environment, because the command line is visible to all accounts.
    """
    parameters = conninfo_to_dict(uri)
    password = str(parameters.pop("password", None) or "")
    if database:
        parameters["dbname"] = database
    return make_conninfo("", **parameters), {**os.environ, **({"PGPASSWORD": password} if password else {})}
