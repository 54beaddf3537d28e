"""Who sets up a database without being a superuser, as `webmacs install` makes one."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from psycopg import sql

from tests.support.database import Database


@contextmanager
def administrator(database: Database) -> Iterator[str]:
    """A login that owns the database and may give out our roles. They are the whole server's, so hold `memberships`."""
    role = f"dba_{database.name}"
    names = {"role": sql.Identifier(role), "database": sql.Identifier(database.name)}
    with closing(database.connect()) as superuser:
        superuser.execute(sql.SQL("create role {role} login createrole createdb").format(**names))
        # another database of this server made the roles, so they are the superuser's; here they are handed over
        for (name,) in superuser.execute("select rolname from pg_roles where rolname like 'webmacs%'").fetchall():
            statement = sql.SQL("grant {} to {role} with admin option")
            superuser.execute(statement.format(sql.Identifier(name), **names))
        superuser.execute(sql.SQL("alter database {database} owner to {role}").format(**names))
    try:
        yield role
    finally:
        with closing(database.connect()) as superuser:
            superuser.execute(sql.SQL("alter database {database} owner to postgres").format(**names))
            superuser.execute(sql.SQL("drop owned by {role} cascade").format(**names))
            superuser.execute(sql.SQL("drop role {role}").format(**names))
