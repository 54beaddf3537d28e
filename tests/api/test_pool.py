"""What a client gets when all connections of PostgREST are taken."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.support.database import Database
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.postgres import Connection
from tests.support.rest import Api, running_postgrest
from tests.support.run import Run
from webmacs.config import Config

TAKEN = 1  # connections of the pool
LOCK = 4711
DEADLINE_SECONDS = 20


@pytest.fixture
def narrow(config: Config, run: Run, people: People, database: Database) -> Iterator[Api]:
    """A PostgREST with one connection, and a function that holds it for as long as the test holds the lock."""
    with database.connect() as owner:
        owner.execute(f"""
            create function api.hold() returns void language sql
                begin atomic select pg_advisory_lock_shared({LOCK}); end;
            grant execute on function api.hold() to webmacs_admin;
        """)
    settings = replace(config.postgrest, pool=TAKEN, port=free_port(), admin_port=free_port())
    with running_postgrest(replace(config, postgrest=settings), run) as url:
        api = Api(url, people)
        yield api
        api.close()


def test_a_request_that_finds_no_connection(narrow: Api, database: Database) -> None:
    with database.connect() as superuser, ThreadPoolExecutor() as threads:
        superuser.execute(f"select pg_advisory_lock({LOCK})".encode())
        held = threads.submit(narrow.as_role("admin").post, "/rpc/hold")
        wait_until_it_waits(superuser)
        refused = narrow.as_role("viewer").get("/events")
        superuser.execute(f"select pg_advisory_unlock({LOCK})".encode())
        assert held.result().status_code == 204
    assert (refused.status_code, refused.json()["code"]) == (504, "PGRST003")
    assert refused.json()["message"] == "Timed out acquiring connection from connection pool."
    assert narrow.as_role("viewer").get("/events").status_code == 200


def wait_until_it_waits(connection: Connection) -> None:
    """The request holds the connection of PostgREST."""
    statement = b"select count(*) from pg_locks where locktype = 'advisory' and objid = %s and not granted"
    deadline = time.monotonic() + DEADLINE_SECONDS
    while connection.execute(statement, (LOCK,)).fetchone() == (0,):
        assert time.monotonic() < deadline, "nobody waits for the lock"
        time.sleep(0.02)
