"""A backup that is made while values come, and what comes of it on another machine."""

import stat
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import httpx
import psycopg
import pytest

from tests.backup.conftest import PASSWORD, Machine
from tests.db.ingest import INGEST
from tests.db.retention import Past
from tests.support.database import Database
from tests.support.sidecar import running_sidecar
from webmacs.backup import manifest as manifests
from webmacs.backup.manifest import MANIFEST, Manifest
from webmacs.backup.server import alone
from webmacs.config import Config, load_config

STEP = timedelta(milliseconds=10)
OWN = "private access api"


class Measuring:
    """Values that come one after the other, numbered, until it is told to stop."""

    def __init__(self, past: Past) -> None:
        self.event, self.begin, self.stored = past.event, past.now + timedelta(seconds=1), 0
        self._connection = past.database.connect("webmacs_sidecar")
        self._stop = Event()
        self._thread = Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.is_set():
            self.measure(self._connection)

    def measure(self, connection: psycopg.Connection) -> None:
        at = self.begin + self.stored * STEP
        assert connection.execute(INGEST, ([None], [self.event], [192], [at], [0.5])).fetchall() == []
        self.stored += 1

    @contextmanager
    def under_way(self) -> Iterator["Measuring"]:
        self._thread.start()
        yield self
        self._stop.set()
        self._thread.join()
        self._connection.close()


def described(path: Path) -> Manifest:
    with tarfile.open(path) as archive:
        found = archive.extractfile(MANIFEST)
        assert found is not None
        return manifests.read(found.read())


def one(connection: psycopg.Connection, statement: str, *values: object) -> object:
    row = connection.execute(statement.encode(), values).fetchone()
    assert row is not None
    return row[0]


@pytest.fixture(scope="module")
def measured(past: Past, source: Machine) -> tuple[Path, Measuring, int]:
    """A backup, what was measured meanwhile, and how much of it had been when the backup began."""
    with Measuring(past).under_way() as measuring:
        while measuring.stored < 20:
            pass
        before = measuring.stored
        path = source.backup()
        after = measuring.stored
    assert after > before
    return path, measuring, before


def test_values_come_while_it_is_made_and_it_is_of_one_moment(
    measured: tuple[Path, Measuring, int], source: Machine
) -> None:
    path, measuring, before = measured
    assert path.parent == source.folder / "var/backups"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.glob("[!.]*")] == [path.name]
    said = described(path)
    values = sum(table.rows for name, table in said.tables.items() if name.startswith("private.datapoints"))
    assert 21 * 144 + before <= values < 21 * 144 + measuring.stored
    assert said.tables["private.users"].rows == 1
    names = {part.name for part in said.parts}
    assert {"database.dump", "files/config.toml", "files/keys/signs", "files/secrets/sso.lab.client_secret"} <= names
    assert said.postgres == 17


def test_it_can_be_restored_and_that_leaves_nothing(
    measured: tuple[Path, Measuring, int], source: Machine, database: Database
) -> None:
    done = source.webmacs("verify-backup")
    assert (done.returncode, done.stdout) == (0, f"{measured[0]} can be restored.\n"), done.stderr
    with closing(database.server.connect()) as server:
        assert one(server, "select count(*) from pg_database where datname ~ %s", f"^{database.name}_") == 0


def test_another_machine_goes_on_where_this_one_was(measured: tuple[Path, Measuring, int], other: Machine) -> None:
    path, measuring, _ = measured
    done = other.webmacs("restore", str(path))
    assert done.returncode == 0, done.stderr
    config = load_config(other.folder / "config.toml", other.settings)
    assert config.sso[0].client_secret == "the secret of a provider"
    assert (config.folder / "lab.secret").stat().st_mode & 0o777 == 0o600
    with alone(config), closing(psycopg.connect(config.database.admin_uri, autocommit=True)) as restored:
        counts = counted(restored)
        assert counts == {name: figures.rows for name, figures in described(path).tables.items()} | seen_since(counts)
        assert one(restored, "select current_database()") == "elsewhere"
        assert restored.execute("select problem from private.verify_seals()").fetchall() == []
        assert restored.execute("select problem from private.verify_entries()").fetchall() == []
        assert one(restored, "select count(*) from private.audit_seals") == 1
        measure_on(config, measuring)
        newest = one(restored, "insert into private.log_entries (message) values ('on') returning id")
        assert newest == one(restored, "select max(id) from private.log_entries")
        assert log_in(config) == 200


def counted(connection: psycopg.Connection) -> dict[str, int]:
    names = connection.execute(
        "select schemaname || '.' || tablename, format('%%I.%%I', schemaname, tablename) from pg_tables"
        " where schemaname = any (%s)",
        (OWN.split(),),
    ).fetchall()
    return {name: int(str(one(connection, f"select count(*) from only {quoted}"))) for name, quoted in names}


def seen_since(counts: dict[str, int]) -> dict[str, int]:
    """Partitions for times that came since then."""
    return {name: 0 for name, rows in counts.items() if rows == 0}


def measure_on(config: Config, measuring: Measuring) -> None:
    """The next value, and one that was stored before."""
    with closing(psycopg.connect(config.database.uri, autocommit=True)) as connection:
        measuring.measure(connection)
        again: tuple[list[None], list[int], list[int], list[datetime], list[float]]
        again = ([None], [measuring.event], [192], [measuring.begin], [0.5])
        assert connection.execute(INGEST, again).fetchall() == [(1, "duplicate")]


def log_in(config: Config) -> int:
    with running_sidecar(config) as url, httpx.Client(timeout=30) as client:
        answer = client.post(f"{url}/auth/login", json={"username": "ada", "password": PASSWORD})
    return answer.status_code
