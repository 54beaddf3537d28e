"""Whichever way db/ was applied, and however often, the database is the same."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.database import Database, drop, empty_database
from tests.support.postgres import Address
from tests.support.programs import postgres_programs
from tests.support.run import Run
from webmacs.migrate import migrate
from webmacs.resources import resource


class Dump(Protocol):
    def __call__(self, database: Database) -> list[str]: ...


@pytest.fixture
def empty(postgres: Address) -> Iterator[Database]:
    """A database with nothing in it."""
    with ExitStack() as stack:
        made = empty_database(postgres)
        stack.callback(drop, made)
        yield made


@pytest.fixture
def dump(run: Run, postgres: Address) -> Dump:
    """Everything but data, line by line, as pg_dump of the server's version writes it."""
    program = postgres_programs(postgres.version, run.folder).folder / "pg_dump"
    if not program.exists():
        pytest.skip("pg_dump is missing; install: apt-get install postgresql-client")

    def _dump(database: Database) -> list[str]:
        command = [str(program), "--schema-only", database.uri("postgres")]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return [line for line in text.splitlines() if line and not re.match(r"--|\\(un)?restrict", line)]

    return _dump


def _by_psql(database: Database) -> None:
    subprocess.run([str(resource("db") / "apply.sh"), database.uri("postgres")], check=True, capture_output=True)


def test_by_psql_as_by_webmacs_migrate(database: Database, empty: Database, dump: Dump) -> None:
    _by_psql(empty)
    assert dump(empty) == dump(database)


def test_applied_again_changes_nothing(fresh_database: Database, dump: Dump, tmp_path: Path) -> None:
    before = dump(fresh_database)
    with fresh_database.connect() as connection:
        connection.execute("update private.migrations set sha256 = 'another' where name = 'reset.sql'")
    assert "reset.sql" in migrate(fresh_database.config(tmp_path))
    assert dump(fresh_database) == before


def test_applied_again_keeps_the_data(fresh_database: Database, tmp_path: Path) -> None:
    with fresh_database.connect() as connection:
        connection.execute("""
            insert into private.events (name, unit, min_value, max_value) values ('kept', 'V', 0, 1);
            select private.ingest('{null}', '{1}', '{192}', array['2026-01-05'::timestamptz], '{1}');
            update private.migrations set sha256 = 'another' where name = 'reset.sql';
        """)
        migrate(fresh_database.config(tmp_path))
        kept = connection.execute("select name, value from api.latest join api.events on id = event_id").fetchall()
    assert kept == [("kept", 1.0)]
