"""Killed anywhere, and continued by whoever comes next: by the sidecar's code, or in psql."""

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from tests.db.retention import DAY, Past
from tests.support.database import Database, empty_database
from tests.support.postgres import Address, PostgresServer
from tests.support.programs import postgres_programs
from tests.support.run import Run
from webmacs.config import Config
from webmacs.history import dropping
from webmacs.history.retention import connect
from webmacs.migrate import migrate

STATEMENT = "select min(statement) from (select * from private.expiry_statements() limit 1) s"
# as the comment on private.expiry_statements says
IN_PSQL = """
    select private.expire();
    select private.expire();
    select private.expire();
    select private.expire();
    set lock_timeout = '500ms';
    select statement from private.expiry_statements() \\gexec
    select statement from private.expiry_statements() \\gexec
"""


@pytest.fixture
def server(postgres: Address, run: Run) -> Iterator[PostgresServer]:
    """One of this test's own, to be killed."""
    made = PostgresServer(postgres_programs(postgres.version, run.folder), run.folder, durable=True)
    made.create()
    run.ends(made.start())
    yield made
    made.remove()


@pytest.fixture
def killable(server: PostgresServer, run: Run, tmp_path: Path) -> Iterator[Past]:
    database = empty_database(server.address, "webmacs")
    migrate(database.config(tmp_path))
    past = _with_policy(database)
    yield past
    past.superuser.close()


def _with_policy(database: Database) -> Past:
    past = Past(database, days=50)
    past.policy("raw", age_days=30)
    return past


def _run(config: Config) -> dropping.Outcome:
    async def run() -> dropping.Outcome:
        async with await connect(config) as connection:
            return await dropping.run(connection, partial(asyncio.sleep, 0))

    return asyncio.run(run())


def _kill_and_start(past: Past, server: PostgresServer) -> None:
    server.stop(signal.SIGKILL)
    server.start()
    past.superuser = past.database.connect()


def test_the_server_is_killed_within_a_detach_and_before_a_drop(
    killable: Past, server: PostgresServer, tmp_path: Path
) -> None:
    past = killable
    names = past.expire()
    reader = past.database.connect()
    reader.execute("begin")
    reader.execute("select count(*) from private.datapoints")
    past.superuser.execute("set lock_timeout = '500ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        past.superuser.execute(past.one(STATEMENT).encode())

    _kill_and_start(past, server)
    assert past.one(STATEMENT).endswith(" finalize")
    assert past.expire() == []
    past.step()
    _kill_and_start(past, server)
    assert past.one("select count(*) from private.expiry_statements() where statement like 'drop table %%'") == 1
    assert _run(past.database.config(tmp_path)).dropped == names
    assert past.expire() == []
    assert past.one("select count(*) from private.expired_partitions") == 0
    assert past.partitions()[0][1] > past.now - 30 * DAY


def test_one_that_cannot_be_dropped_does_not_hold_the_others_up(fresh_database: Database, tmp_path: Path) -> None:
    past = _with_policy(fresh_database)
    past.expire()
    first, *others = past.expired()
    past.superuser.execute(f'create view public.mine as select * from private."{first}"'.encode())
    outcome = _run(fresh_database.config(tmp_path))
    assert (outcome.dropped, outcome.waiting) == (others, [])
    [problem] = outcome.problems
    assert problem.startswith(f"cannot go on with {first}: cannot drop table ")
    assert "because other objects depend on it" in problem
    past.superuser.execute("drop view public.mine")
    assert _run(fresh_database.config(tmp_path)) == dropping.Outcome([first], [], [])


def test_in_psql(fresh_database: Database, run: Run) -> None:
    past = _with_policy(fresh_database)
    psql = postgres_programs(fresh_database.server.version, run.folder).folder / "psql"
    uri = fresh_database.uri("postgres")
    command = [str(psql), "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--dbname={uri}"]
    subprocess.run(command, input=IN_PSQL, text=True, check=True, capture_output=True)
    assert past.expire() == []
    assert past.one("select count(*) from private.expired_partitions") == 0
    assert past.partitions()[0][1] > past.now - 30 * DAY
