"""The database as it was before an update: a copy beside it, that takes its place again if the update is no good.

A comment on the copy says before which version it was made. Without one it is not whole. Each step here is one
statement or transaction of PostgreSQL, so after a power cut it was done, or it was not.
"""

import time
from contextlib import suppress

import psycopg
from psycopg import sql

from webmacs.problem import Problem

SUFFIX = "_before_update"
ATTEMPTS = 20
COMMENT = "select coalesce(shobj_description(oid, 'pg_database'), '') from pg_database where datname = %s"
OWNER = "select pg_get_userbyid(datdba) from pg_database where datname = %s"
END = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"
WHO = "select distinct usename from pg_stat_activity where datname = %s and pid <> pg_backend_pid()"
MAY = "select rolsuper or rolcreatedb from pg_roles where rolname = current_user"


def name_of(database: str) -> str:
    """Of the copy."""
    return f"{database[:45]}{SUFFIX}"


def kept_before(server: psycopg.Connection, database: str) -> str | None:
    """Before which version the copy was made that is there; empty: it is not whole. None: there is none."""
    row = server.execute(COMMENT, (name_of(database),)).fetchone()
    return None if row is None else str(row[0])


def keep(server: psycopg.Connection, database: str, version: str) -> None:
    """Copy the database. Nothing else may run. Raises Problem."""
    forget(server, database)
    copy, original = sql.Identifier(name_of(database)), sql.Identifier(database)
    row = server.execute(OWNER, (database,)).fetchone()
    owner = sql.Identifier(str(row[0]) if row else "")
    statement = sql.SQL("create database {} template {} owner {} strategy file_copy")
    _undisturbed(server, database, statement.format(copy, original, owner))
    server.execute(sql.SQL("comment on database {} is {}").format(copy, sql.Literal(version)))


def forget(server: psycopg.Connection, database: str) -> None:
    """The copy is not needed any more."""
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name_of(database))))
    forget_newer(server, database)


def forget_newer(server: psycopg.Connection, database: str) -> None:
    """What was taken back, if the power failed before it was thrown away."""
    server.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(_old(database))))


def put_back(server: psycopg.Connection, database: str) -> None:
    """The copy takes the place of the database. Nothing else may run. Raises Problem."""
    copy, original, old = (sql.Identifier(name) for name in (name_of(database), database, _old(database)))
    forget_newer(server, database)
    rename = sql.SQL("alter database {} rename to {}")
    statements = [
        rename.format(original, old),
        rename.format(copy, original),
        sql.SQL("comment on database {} is null").format(original),
    ]
    _undisturbed(server, database, *statements)
    forget_newer(server, database)


def require_able(server: psycopg.Connection) -> None:
    """Whether we may make one. Raises Problem."""
    if server.execute(MAY).fetchone() != (True,):
        raise Problem(
            "The login of [database] admin_uri may not make a copy of the database, by which an update could be taken"
            " back; let it: alter role … createdb"
        )


def size(server: psycopg.Connection, database: str) -> int:
    """In bytes."""
    row = server.execute("select pg_database_size(%s)", (database,)).fetchone()
    return int(row[0]) if row else 0


def _old(database: str) -> str:
    return f"{database[:45]}_after_update"


def _undisturbed(server: psycopg.Connection, database: str, *statements: sql.Composed) -> None:
    """In one go, while nobody else is connected: who is that has a pool comes back, so it is tried at once."""
    for _ in range(ATTEMPTS):
        with suppress(psycopg.errors.InsufficientPrivilege):
            server.execute(END, (database,))
        try:
            if len(statements) == 1:
                server.execute(statements[0])  # not allowed in a transaction
                return
            with server.transaction():
                for statement in statements:
                    server.execute(statement)
            return
        except psycopg.errors.ObjectInUse:
            time.sleep(0.1)
    who = ", ".join(str(row[0]) for row in server.execute(WHO, (database,)))
    raise Problem(f"The database {database} cannot be copied while others are connected to it: {who or 'somebody'}.")
