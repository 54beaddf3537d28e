"""db/apply.sh does with psql what `webmacs migrate` does; either may follow the other."""

import subprocess
from pathlib import Path

from tests.support.database import Database
from webmacs.config import Config
from webmacs.migrate import migrate, status


def apply(source: Path, database: Database) -> subprocess.CompletedProcess[str]:
    command = [str(source / "apply.sh"), database.uri("postgres")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_psql_alone_leaves_nothing_to_do(settings: Config, source: Path, empty: Database) -> None:
    assert apply(source, empty).returncode == 0
    assert {file.state for file in status(settings, source)} == {"applied"}
    assert migrate(settings, source) == []


def test_it_follows_webmacs_migrate(settings: Config, source: Path, empty: Database) -> None:
    migrate(settings, source)
    done = apply(source, empty)
    assert done.stdout.split() == ["roles.sql"]
    assert done.stderr == ""


def test_it_applies_what_changed(settings: Config, source: Path, empty: Database) -> None:
    migrate(settings, source)
    (source / "zzz.sql").write_text("create view api.late as select 1 as one;")
    assert "zzz.sql" in apply(source, empty).stdout
    assert migrate(settings, source) == []


def test_it_refuses_an_edited_migration(source: Path, empty: Database) -> None:
    apply(source, empty)
    first = next(iter(sorted((source / "migrations").iterdir())))
    first.write_text(first.read_text() + "\n-- edited\n")
    done = apply(source, empty)
    assert done.returncode != 0
    assert f"{first.name} was edited" in done.stderr


def test_it_refuses_a_database_of_a_newer_program(source: Path, empty: Database) -> None:
    late = source / "migrations/9000_late.sql"
    late.write_text("select 1;")
    apply(source, empty)
    late.unlink()
    (source / "views.sql").write_text("")
    done = apply(source, empty)
    assert done.returncode != 0
    assert "newer WebMACS" in done.stderr


def test_a_failure_leaves_nothing_of_the_file(source: Path, empty: Database) -> None:
    (source / "migrations/9000_late.sql").write_text("create table private.late (id int);\nselect nonsense;\n")
    done = apply(source, empty)
    assert done.returncode != 0
    assert "9000_late.sql:2" in done.stderr
    with empty.connect() as connection:
        assert connection.execute("select to_regclass('private.late')").fetchone() == (None,)
