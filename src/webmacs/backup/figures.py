"""What tables have: the same in the database that was backed up and in one that was restored from it."""

from collections.abc import Iterator

import psycopg
from psycopg import sql

from webmacs.backup.manifest import Figures

SCHEMAS = ("private", "access", "api")
"""What WebMACS makes. Whatever else lies in the database is not its own to keep."""

# Rows are compared as text, which must not depend on who asks.
SETTINGS = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "search_path": "pg_catalog",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
}

TABLES = """
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any (%s) and c.relkind = 'r' order by 1, 2
"""
SUM = "select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) from only {} t"

# Whoever takes the next number must not get one that is taken.
SEQUENCES = """
    select n.nspname, c.relname, a.attname, s.oid::regclass
    from pg_class s
    join pg_depend d on d.objid = s.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
    join pg_class c on c.oid = d.refobjid and d.refclassid = 'pg_class'::regclass
    join pg_attribute a on a.attrelid = c.oid and a.attnum = d.refobjsubid
    join pg_namespace n on n.oid = c.relnamespace
    where s.relkind = 'S' and n.nspname = any (%s)
"""


def prepare(connection: psycopg.Connection) -> None:
    """The session reads all, in one form, and may take its time."""
    connection.execute("set role webmacs_owner")
    for name, value in SETTINGS.items():
        connection.execute("select set_config(%s, %s, false)", (name, value))


def tables(connection: psycopg.Connection) -> list[tuple[str, str]]:
    """Schema and name of all that have rows."""
    return [(schema, name) for schema, name in connection.execute(TABLES, (list(SCHEMAS),))]


def figures(connection: psycopg.Connection) -> dict[str, Figures]:
    """Of each table; reads all of them."""
    found = {}
    for schema, name in tables(connection):
        row = connection.execute(sql.SQL(SUM).format(sql.Identifier(schema, name))).fetchone()
        assert row is not None  # noqa: S101 - an aggregate has a row
        found[f"{schema}.{name}"] = Figures(row[0], str(row[1]))
    return found


def differences(before: dict[str, Figures], now: dict[str, Figures]) -> Iterator[str]:
    """In words."""
    for name in sorted(before.keys() | now.keys()):
        was, is_now = before.get(name), now.get(name)
        if was is None or is_now is None:
            yield f"{name} is {'missing' if is_now is None else 'not in the backup'}"
        elif was.rows != is_now.rows:
            yield f"{name} has {is_now.rows} rows instead of {was.rows}"
        elif was != is_now:
            yield f"{name} has other values"


def taken_numbers(connection: psycopg.Connection) -> Iterator[str]:
    """Sequences whose next number is taken, in words."""
    for schema, table, column, sequence in connection.execute(SEQUENCES, (list(SCHEMAS),)).fetchall():
        statement = sql.SQL("select coalesce((select max({}) from {}), 0) > (select last_value from {})").format(
            sql.Identifier(column), sql.Identifier(schema, table), sql.SQL(sequence)
        )
        if connection.execute(statement).fetchone() == (True,):
            yield f"the next number of {schema}.{table} is taken"
