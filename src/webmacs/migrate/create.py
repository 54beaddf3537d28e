"""Makes the database in the embedded server; elsewhere that is its administrator's to do."""

from psycopg import sql

from webmacs.config import Database
from webmacs.migrate.connect import locked


def create_database(database: Database) -> bool:
    """Create the database if it is missing. Returns whether it was."""
    with locked(database.admin_uri, "postgres") as connection:
        if connection.execute("select from pg_database where datname = %s", (database.name,)).fetchone() is not None:
            return False
        statement = sql.SQL("create database {} template template0 encoding 'UTF8'")
        connection.execute(statement.format(sql.Identifier(database.name)))
        return True
