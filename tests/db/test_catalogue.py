"""Whichever way db/ was applied, and however often, the database is the same."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.database import Database, drop, empty_database
from tests.support.postgres import Address
from webmacs.migrate import migrate
from webmacs.resources import resource

Dump = Callable[[Database], list[str]]


@pytest.fixture
def empty(postgres: Address) -> Iterator[Database]:
    """A database with nothing in it."""
    with ExitStack() as stack:
        made = empty_database(postgres)
        stack.callback(drop, made)
        yield made


@pytest.fixture
def dump(pg_dump: Callable[..., str]) -> Callable[[Database], list[str]]:
    """Everything but data, line by line; without brackets, of which a restored condition has fewer."""

    def _dump(database: Database) -> list[str]:
        lines = pg_dump(database, "--schema-only").splitlines()
        return [re.sub("[()]", "", line) for line in lines if line and not re.match(r"--|\\(un)?restrict", line)]

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


def test_a_backup_restores_to_the_same(
    database: Database, empty: Database, pg_dump: Callable[..., str], dump: Dump, tmp_path: Path
) -> None:
    """And restoring runs no trigger: nobody is told, and nothing is written down twice."""
    with database.connect() as connection:
        connection.execute("""
            insert into private.events (name, unit, min_value, max_value) values ('kept', 'V', 0, 1);
            select private.ingest('{null}', '{1}', '{192}', array['2026-01-05'::timestamptz], '{1}');
        """)
    backup = tmp_path / "backup.sql"
    backup.write_text(pg_dump(database))
    command = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={backup}", empty.uri("postgres")]
    subprocess.run(command, check=True, capture_output=True)
    assert dump(empty) == dump(database)
    assert _contents(empty) == _contents(database)


def _contents(database: Database) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return connection.execute("""
            select name, value, (select count(*) from private.audit_log), (select count(*) from private.datapoints)
            from api.latest join api.events on id = event_id""").fetchall()


@pytest.mark.parametrize("login", ["webmacs_authenticator", "webmacs_sidecar"])
def test_times_without_a_zone_are_utc_whatever_the_server_prefers(login: str, fresh_database: Database) -> None:
    with fresh_database.connect() as connection:
        connection.execute(f"alter database {fresh_database.name} set timezone = 'Asia/Tokyo'")
    with fresh_database.connect(login) as connection:
        assert connection.execute("show timezone").fetchone() == ("UTC",)
