"""What the tests of the pipeline plant and send."""

import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.db.alarms import Alarms
from tests.db.hooks import Hooks
from tests.db.ingest import Ingest
from tests.db.plant import Plant
from tests.support.database import Database
from tests.support.drive import Drive
from tests.support.people import People
from tests.support.postgres import Address
from tests.support.programs import postgres_programs
from tests.support.run import Run
from tests.support.sql import Sql


@pytest.fixture(scope="module")
def plant(sql: Sql) -> Plant:
    """Makes events, plugin instances and channels."""
    return Plant(sql.superuser)


@pytest.fixture(scope="module")
def ingest(sql: Sql) -> Ingest:
    """Sends points to private.ingest as the sidecar does."""
    return Ingest(sql.as_login("webmacs_sidecar"))


@pytest.fixture(scope="module")
def alarms(sql: Sql, plant: Plant) -> Alarms:
    """Makes rules that raise alarms, and fires and clears them as the pipeline does."""
    return Alarms(sql, plant)


@pytest.fixture(scope="module")
def drive(sql: Sql, people: People) -> Drive:
    """Makes what can be driven, and drives it."""
    return Drive(sql, people)


@pytest.fixture
def hooks(sql: Sql) -> Iterator[Hooks]:
    """Makes webhooks, emits, and plays the sidecar; none is left behind."""
    made = Hooks(sql)
    yield made
    made.clear()


@pytest.fixture
def pg_dump(run: Run, postgres: Address) -> Callable[..., str]:
    """pg_dump of the server's version."""
    program = postgres_programs(postgres.version, run.folder).folder / "pg_dump"
    if not program.exists():
        pytest.skip("pg_dump is missing; install: apt-get install postgresql-client")

    def _pg_dump(database: Database, *options: str) -> str:
        command = [str(program), *options, database.uri("postgres")]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    return _pg_dump
