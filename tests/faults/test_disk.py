"""A small disk that fills up: the database never dies of it, nothing acknowledged is lost, and all comes back."""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from tests.faults.conftest import MakeSender
from tests.faults.installation import Installation, Sidecar
from tests.sidecar.conftest import Door
from tests.support.database import empty_database
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.programs import postgres_programs
from tests.support.run import Run
from webmacs.accounts.passwords import hash_password
from webmacs.accounts.tokens import Tokens
from webmacs.keys.key import KeySet
from webmacs.migrate import migrate

MEGABYTE = 1_000_000
DISK = 256 * MEGABYTE
RESERVE = 40  # megabytes
PATIENCE = 90
PASSWORD = "correct horse battery"
# WAL that fits the disk, as docs/retention.md says.
SMALL = "max_wal_size = 48MB\nmin_wal_size = 32MB\nshared_buffers = 32MB\n"
FRAMES, POINTS = 400, 500


@pytest.fixture(scope="module")
def disk(run: Run) -> Iterator[Path]:
    """A file system of its own."""
    folder = run.folder / "small-disk"
    folder.mkdir(mode=0o755)
    options = ["-t", "tmpfs", "-o", f"size={DISK},mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(["mount", *options], check=False).returncode:
        pytest.skip("only root makes a small file system")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="module")
def installation(
    disk: Path, run: Run, keys: KeySet, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """All data on the small disk; the sidecar watches it."""
    server = PostgresServer(postgres_programs(17, run.folder), disk, durable=True)
    server.create()
    with (server.data / "postgresql.conf").open("a") as settings:
        settings.write(SMALL)
    run.ends(server.start())
    database = empty_database(server.address, "webmacs")
    environment = database.settings() | {
        "WEBMACS_AUTH_KEYS_DIR": str(run.folder / "var/keys"),
        "WEBMACS_AUTH_BCRYPT_ROUNDS": "4",
        "WEBMACS_SERVER_PORT": str(free_port()),
        "WEBMACS_STORAGE_DISK": str(disk),
        "WEBMACS_STORAGE_RESERVE_MEGABYTES": str(RESERVE),
        "WEBMACS_INGEST_PARTITIONS_AHEAD": "1",
    }
    config = database.config(tmp_path_factory.mktemp("installation"), **environment)
    migrate(config)
    sidecar = Sidecar(config, environment, run)
    sidecar.start()
    yield Installation(server, database, sidecar)
    sidecar.kill()
    server.remove()


@pytest.fixture
def ask(installation: Installation) -> Iterator[Callable[[str], object]]:
    """The one value that a statement of a superuser gives."""
    with closing(installation.database.connect()) as connection:

        def ask(statement: str) -> object:
            row = connection.execute(statement.encode()).fetchone()
            return row and row[0]

        yield ask


def free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all but so much."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(free(disk) - leave, 1))
    return ballast


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_values_fill_it_are_refused_in_time_and_taken_later(
    installation: Installation,
    disk: Path,
    keys: KeySet,
    make_sender: MakeSender,
    ask: Callable[[str], object],
    record_property: Callable[[str, object], None],
) -> None:
    sender = make_sender(FRAMES, POINTS, 16)
    with closing(installation.database.connect()) as superuser:
        people = People(superuser, Tokens(keys, installation.sidecar.config.auth))
        admin = people.user("admin", password_hash=hash_password(PASSWORD, 4))
    ballast = fill(disk, leave=(RESERVE + 12) * MEGABYTE)
    sends = Thread(target=asyncio.run, args=[sender.run()])
    sends.start()
    until(lambda: ask("select level from private.disk") == "refuse")
    before = time.monotonic() + 1
    least = free(disk)
    while time.monotonic() < before:  # it goes on to try
        least = min(least, free(disk))
    assert 0 < sender.acknowledged < FRAMES
    record_property("bytes free at least", least)

    # all else goes on: reading, logging in, deleting, writing down what happens
    door = Door(f"http://{installation.sidecar.url}")
    token = door.token_of(admin.name, PASSWORD)
    assert door.get("/auth/me", token).status_code == 200
    assert door.get("/health").json()["components"]["database"]["ok"]
    assert ask("select count(*) from private.datapoints") == sender.points_acknowledged
    assert ask("select level from private.log_entries where source = 'disk' order by id desc limit 1") == "error"
    with pytest.raises(psycopg.errors.DiskFull, match="controllers keep what they measure"):
        ask("select private.ingest('{null}', '{1}', '{192}', '{now}', '{1}')")
    ask("select private.write_log('info', 'still here', 'test')")

    # and with more room all is taken that was not
    ballast.unlink()
    sends.join(PATIENCE)
    assert sender.acknowledged == FRAMES
    assert (sender.rejected, sender.errors) == (0, [])
    assert ask("select count(*) from private.datapoints") == FRAMES * POINTS
    is_the_same_and_well(installation)


def is_the_same_and_well(installation: Installation) -> None:
    server = installation.postgres
    assert server.process is not None
    assert server.process.poll() is None
    said = server.log.read_text(errors="replace")
    for trouble in ("PANIC", "No space left on device", "was terminated by signal", "reinitializing"):
        assert trouble not in said


def test_when_others_fill_it_values_are_refused_and_it_lives(
    installation: Installation, disk: Path, ask: Callable[[str], object]
) -> None:
    """All but the last megabytes."""
    ballast = fill(disk, leave=2 * MEGABYTE)
    until(lambda: ask("select no_room is not null from private.settings") is True)
    ask("select private.write_log('info', 'still here', 'test')")
    door = Door(f"http://{installation.sidecar.url}")
    assert door.get("/health").json()["components"]["database"]["ok"]
    ballast.unlink()
    until(lambda: ask("select no_room is null from private.settings") is True)
    is_the_same_and_well(installation)
