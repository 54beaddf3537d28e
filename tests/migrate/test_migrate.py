"""Each migration runs once, the other files again when one of them changes, and nothing is left half done."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.support.administrator import administrator
from tests.support.database import Database
from webmacs.config import Config
from webmacs.migrate import MigrationError, create_database, migrate, status

LATE = "migrations/9000_late.sql"


def refusal(config: Config, source: Path) -> str:
    with pytest.raises(MigrationError) as caught:
        migrate(config, source)
    return str(caught.value)


def exists(database: Database, relation: str) -> bool:
    with database.connect() as connection:
        return connection.execute("select to_regclass(%s) is not null", (relation,)).fetchone() == (True,)


def test_all_files_apply_in_order_and_then_nothing_is_to_do(settings: Config, source: Path) -> None:
    done = migrate(settings, source)
    migrations = [name for name in done if name.startswith("migrations/")]
    assert done[: len(migrations)] == migrations == sorted(migrations)
    assert done[len(migrations) : len(migrations) + 2] == ["reset.sql", "access.sql"]
    assert "roles.sql" not in done
    assert migrate(settings, source) == []


def test_a_new_migration_runs_alone(settings: Config, source: Path) -> None:
    migrate(settings, source)
    (source / LATE).write_text("create table private.late (id int primary key);")
    assert migrate(settings, source) == [LATE]


def test_an_edited_migration_is_refused_by_name(settings: Config, source: Path) -> None:
    migrate(settings, source)
    first = next(iter(sorted((source / "migrations").iterdir())))
    first.write_text(first.read_text() + "\n-- edited\n")
    assert f"{first} was edited" in refusal(settings, source)


def test_a_database_of_a_newer_program_is_refused(settings: Config, source: Path) -> None:
    (source / LATE).write_text("select 1;")
    migrate(settings, source)
    (source / LATE).unlink()
    assert "newer WebMACS" in refusal(settings, source)


def test_a_failing_migration_leaves_nothing_and_names_file_and_line(
    settings: Config, source: Path, empty: Database
) -> None:
    (source / LATE).write_text("create table private.late (id int);\n\nselect nonsense;\n")
    message = refusal(settings, source)
    assert f"{source / LATE}, line 3" in message
    assert "nonsense" in message
    assert not exists(empty, "private.late")
    (source / LATE).write_text("create table private.late (id int);")
    assert LATE in migrate(settings, source)


def test_a_failing_repeatable_leaves_the_former_state(settings: Config, source: Path, empty: Database) -> None:
    migrate(settings, source)
    (source / "zzz.sql").write_text("create view api.late as select 1 as one;\nselect nonsense;\n")
    assert f"{source / 'zzz.sql'}, line 2" in refusal(settings, source)
    assert exists(empty, "api.events")
    assert not exists(empty, "api.late")


def test_what_leaves_a_repeatable_file_leaves_the_database(settings: Config, source: Path, empty: Database) -> None:
    (source / "zzz.sql").write_text("create view api.late as select 1 as one;")
    migrate(settings, source)
    assert exists(empty, "api.late")
    (source / "zzz.sql").unlink()
    assert "reset.sql" in migrate(settings, source)
    assert not exists(empty, "api.late")
    assert migrate(settings, source) == []


def test_two_at_once_do_not_collide(settings: Config, source: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        done = sorted(threads.map(lambda _: len(migrate(settings, source)), range(4)))
    assert done[:3] == [0, 0, 0]
    assert done[3] > 0


def test_status_tells_what_would_be_done(settings: Config, source: Path) -> None:
    assert {file.state for file in status(settings, source)} == {"pending"}
    (source / LATE).write_text("select 1;")
    migrate(settings, source)
    assert {file.state for file in status(settings, source)} == {"applied"}
    (source / LATE).write_text("select 2;")
    (source / "access.sql").write_text((source / "access.sql").read_text() + "\n")
    states = {file.name: file.state for file in status(settings, source)}
    assert (states[LATE], states["access.sql"]) == ("edited", "pending")
    (source / LATE).unlink()
    assert {file.name: file.state for file in status(settings, source)}[LATE] == "missing"


@pytest.mark.usefixtures("memberships")
def test_an_administrator_need_not_be_superuser(empty: Database, source: Path, tmp_path: Path) -> None:
    with administrator(empty) as role:
        config = empty.config(tmp_path, WEBMACS_DATABASE_ADMIN_URI=empty.uri(role))
        assert migrate(config, source)
        assert migrate(config, source) == []


def test_the_configuration_reaches_the_database(empty: Database, source: Path, tmp_path: Path) -> None:
    config = empty.config(tmp_path, WEBMACS_AUTH_ISSUER="plant", WEBMACS_INGEST_PAST_DAYS="12")
    migrate(config, source)
    with empty.connect() as connection:
        found = connection.execute(
            "select issuer, extract(day from past_horizon)::int from private.settings"
        ).fetchone()
    assert found == ("plant", 12)


def test_the_database_is_made_if_missing(empty: Database, tmp_path: Path) -> None:
    name = f"{empty.name}_made"
    config = empty.config(tmp_path, WEBMACS_DATABASE_NAME=name)
    assert create_database(config.database) is True
    assert create_database(config.database) is False
    with psycopg.connect(empty.uri("postgres"), autocommit=True) as connection:
        connection.execute(f"drop database {name}")
