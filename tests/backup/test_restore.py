"""Restoring where something is already, and backups that are damaged, too new, or of which there are many."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from tests.backup.conftest import Machine
from tests.db.retention import Past
from tests.support.administrator import administrator
from tests.support.database import Database, drop, empty_database
from tests.support.postgres import Address
from webmacs.backup import archive, make, manifest
from webmacs.backup.manifest import MANIFEST
from webmacs.config import Config
from webmacs.problem import Problem

SETTINGS = """
    select setconfig from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
    where datname = current_database()
"""

LOCALE = "select pg_get_userbyid(datdba), datcollate from pg_database where datname = current_database()"


@pytest.fixture(scope="module")
def backup(source: Machine, past: Past) -> Path:
    return source.backup()


@pytest.fixture
def empty(postgres: Address) -> Iterator[Database]:
    """Somebody has made a database for it on the server."""
    made = empty_database(postgres)
    yield made
    drop(made)


def machine(folder: Path, database: Database) -> Machine:
    return Machine(folder, database.settings())


def rewritten(backup: Path, folder: Path, **changes: object) -> Path:
    """With another manifest."""
    path = folder / "webmacs-20260101T000000Z.tar"
    with archive.opened(backup) as opened, archive.Writer(path) as writer:
        for part in opened.manifest.parts:
            writer.add(part.name, opened.pieces(part))
        writer.add(MANIFEST, [manifest.write(msgspec.structs.replace(opened.manifest, **changes))])
    return path


def test_into_an_empty_database_of_a_server(backup: Path, empty: Database, tmp_path: Path) -> None:
    here = machine(tmp_path, empty)
    assert here.webmacs("restore", str(backup)).returncode == 0
    with closing(empty.connect()) as connection:
        assert connection.execute("select username from private.users").fetchall() == [("ada",)]


@pytest.mark.usefixtures("memberships")
def test_by_an_administrator_who_is_no_superuser(backup: Path, fresh_database: Database, tmp_path: Path) -> None:
    with administrator(fresh_database) as role:
        settings = fresh_database.settings() | {"WEBMACS_DATABASE_ADMIN_URI": fresh_database.uri(role)}
        here = Machine(tmp_path, settings)
        here.backup()
        done = here.webmacs("restore", str(backup), "--replace")
        assert done.returncode == 0, done.stderr
        assert here.webmacs("verify-backup").returncode == 0
        with closing(fresh_database.connect(role)) as connection:
            assert connection.execute(LOCALE).fetchone() == (role, "C")
            connection.execute("set role webmacs_owner")
            assert connection.execute("select username from private.users").fetchall() == [("ada",)]


def test_what_is_there_stays_unless_it_is_told(
    backup: Path, fresh_database: Database, source: Machine, tmp_path: Path
) -> None:
    here = machine(tmp_path, fresh_database)
    (tmp_path / "config.toml").write_text("# of this machine\n")
    refused = here.webmacs("restore", str(backup))
    assert refused.returncode == 1
    assert "is not empty" in refused.stderr
    with closing(fresh_database.connect()) as connection:
        busy = here.webmacs("restore", str(backup), "--replace")
        assert (busy.returncode, "Stop all services first" in busy.stderr) == (1, True)
        assert connection.execute("select count(*) from private.users").fetchone() == (0,)
    (tmp_path / "var/keys").mkdir(parents=True)
    (tmp_path / "var/keys/old.pem").write_text("another key")
    done = here.webmacs("restore", str(backup), "--replace")
    assert done.returncode == 0, done.stderr
    with closing(fresh_database.connect()) as connection:
        assert connection.execute("select username from private.users").fetchall() == [("ada",)]
        # the database is another one now; it is set up as each is
        settings = connection.execute(SETTINGS).fetchone()
        assert settings == (["idle_in_transaction_session_timeout=30s"],)
    assert (tmp_path / "config.toml").read_text() == "# of this machine\n"
    keys = source.folder / "var/keys"
    assert {path.name for path in (tmp_path / "var/keys").glob("*.pem")} == {path.name for path in keys.glob("*.pem")}
    (aside,) = (tmp_path / "var").glob("keys.before-*")
    assert (aside / "old.pem").read_text() == "another key"


def test_what_is_damaged_is_refused_before_anything_is_touched(backup: Path, empty: Database, tmp_path: Path) -> None:
    content = backup.read_bytes()
    cases = {
        "a bit in the middle": content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
        "cut off": content[: len(content) // 2],
        "empty": b"",
        "something else": b"x" * 20_000,
    }
    here = machine(tmp_path, empty)
    for number, (what, damaged) in enumerate(cases.items()):
        file = tmp_path / "damaged.tar"
        file.write_bytes(damaged)
        done = here.webmacs("verify-backup" if number else "restore", str(file))
        assert (done.returncode, "Traceback" in done.stderr) == (1, False), what
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert not (tmp_path / "config.toml").exists()
    with closing(empty.connect()) as connection:
        assert connection.execute("select to_regnamespace('private')").fetchone() == (None,)


def test_what_was_restored_is_compared(backup: Path, empty: Database, tmp_path: Path) -> None:
    """As if pg_dump, or the disk of the server, had lost a row."""
    here = machine(tmp_path, empty)
    with archive.opened(backup) as opened:
        users = opened.manifest.tables["private.users"]
        tables = opened.manifest.tables | {"private.users": msgspec.structs.replace(users, rows=2)}
    done = here.webmacs("restore", str(rewritten(backup, tmp_path, tables=tables)))
    assert "private.users has 1 rows instead of 2" in done.stderr
    assert done.returncode == 1
    with closing(empty.connect()) as connection:
        assert connection.execute("select to_regnamespace('private')").fetchone() == (None,)


def test_one_of_a_newer_version_is_refused(backup: Path, empty: Database, tmp_path: Path) -> None:
    newer = rewritten(backup, tmp_path, migrations=["migrations/9999_of_tomorrow.sql"], webmacs="99.0")
    done = machine(tmp_path, empty).webmacs("restore", str(newer))
    assert (done.returncode, "is of WebMACS 99.0, which is newer" in done.stderr) == (1, True)


def test_only_the_newest_stay_and_what_a_kill_left_goes(backup: Path, source: Machine) -> None:
    folder = backup.parent
    (folder / ".webmacs-20200101T000000Z.tar.unfinished").write_text("half of one")
    (folder / "webmacs-20200101T000000Z.tar").write_text("an old one")
    (folder / "holiday.tar").write_text("somebody else's")
    newest = source.backup("--keep", "2")
    assert {path.name for path in folder.iterdir()} == {backup.name, newest.name, "holiday.tar", ".lock"}


def test_a_disk_that_is_too_small_is_said_before(
    config: Config, past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "SPARE_BYTES", 10**18)
    with pytest.raises(Problem, match="has not the room for a backup: it may take"):
        make.back_up(config, tmp_path, 0, print)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
    assert past.event


def test_a_disk_that_is_full_in_the_middle_leaves_nothing(source: Machine, past: Past, tmp_path: Path) -> None:
    # Python does not notice that its compiled modules are cut off, too, and could not start the next time.
    under = ("prlimit", "--fsize=20000")
    done = source.webmacs("backup", str(tmp_path), under=under, PYTHONDONTWRITEBYTECODE="1")
    assert (done.returncode, "File too large" in done.stderr) == (1, True), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
    nowhere = source.webmacs("backup", "/proc/nowhere")
    assert (nowhere.returncode, "cannot be written" in nowhere.stderr) == (1, True)
    with closing(past.database.connect()) as connection:
        told = connection.execute(
            "select level::text, message from private.log_entries where source = 'backup'"
        ).fetchall()
    assert [level for level, _ in told] == ["error", "error"]
    assert all(message.startswith("No backup was made. The backup cannot be written") for _, message in told)


def test_what_root_makes_by_hand_is_the_services(config: Config, past: Past, tmp_path: Path) -> None:
    """Else the lock of the first one would keep those of each night out."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(tmp_path, 12345, 12345)
    path = make.back_up(config, tmp_path, 0, print)
    assert {file.name: file.stat().st_uid for file in tmp_path.iterdir()} == {".lock": 12345, path.name: 12345}
    assert past.event


def test_a_dump_that_breaks_off_leaves_nothing(source: Machine, database: Database, tmp_path: Path) -> None:
    """Here the administrator may not read."""
    folder = tmp_path / "backups"
    weak = replace(database).uri("webmacs_reader")
    done = source.webmacs("backup", str(folder), WEBMACS_DATABASE_ADMIN_URI=weak)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert [path.name for path in folder.iterdir()] == [".lock"]
