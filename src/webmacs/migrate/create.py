"""Makes the database in the embedded server; elsewhere that is its administrator's to do."""

import psycopg
from psycopg import sql

from webmacs.config import Database
from webmacs.migrate.connect import connect


def create_database(database: Database) -> bool:
    """Create the database if it is missing. Returns whether it was."""
    with connect(database.admin_uri, "postgres") as connection:
        if connection.execute("select from pg_database where datname = %s", (database.name,)).fetchone() is not None:
            return False
        statement = sql.SQL("create database {} template template0 encoding 'UTF8'")
        try:
            connection.execute(statement.format(sql.Identifier(database.name)))
        except psycopg.errors.DuplicateDatabase:
            return False  # another migrator was faster
        return True
