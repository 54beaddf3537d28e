"""Health is found out by using the parts; without a database the sidecar waits for it."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from psycopg import sql as query

from tests.sidecar.conftest import PASSWORD, Door
from tests.sidecar.live import Live, asked, frame, point, told
from tests.support.database import TEMPLATE, Database
from tests.support.people import Caller, People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config
from webmacs.health import FRESH, Finding, Health
from webmacs.live.live import NOT_LISTENING, NOT_STORING
from webmacs.webhooks.courier import NOT_DELIVERING

RECOVERY_SECONDS = 60


def test_all_parts_work(door: Door, postgrest: str) -> None:
    deadline = time.monotonic() + RECOVERY_SECONDS
    while (answer := door.get("/health")).status_code != 200:  # it may ask before it has connected itself
        assert time.monotonic() < deadline, answer.text
    assert answer.json()["ok"] is True
    assert {"database", "postgrest", "keys", "ingest", "stream", "webhooks"} <= set(answer.json()["components"])
    assert all(part["tried"] and part["problem"] is None for part in answer.json()["components"].values())


def test_postgrest_away(config: Config, people: People) -> None:
    away = replace(config, postgrest=replace(config.postgrest, port=free_port()))
    with running_sidecar(replace(away, server=replace(config.server, port=free_port()))) as url:
        answer = Door(url).get("/health")
    assert answer.status_code == 503
    components = answer.json()["components"]
    assert components["database"]["ok"]
    assert not components["postgrest"]["ok"]


def test_a_database_that_comes_later(config: Config, database: Database, ada: Caller) -> None:
    """It starts, says what is missing, answers in the one shape, and serves as soon as there is a database."""
    late = f"{database.name}_late"
    settings = replace(config.database, uri=database.server.uri("webmacs_sidecar", late))
    config = replace(config, database=settings, server=replace(config.server, port=free_port()))
    with running_sidecar(config) as url:
        door = Door(url)
        health = door.get("/health")
        assert (health.status_code, health.json()["components"]["database"]["ok"]) == (503, False)
        assert health.json()["components"]["stream"]["problem"] == NOT_LISTENING
        refused = door.login("ada", PASSWORD)
        assert (refused.status_code, refused.json()["hint"]) == (503, "Try again in a moment.")
        assert door.get("/auth/me", ada.token).status_code == 503
        assert until_ill(door, "webhooks")["webhooks"]["problem"] == NOT_DELIVERING

        with database.server.connect() as connection:
            names = map(query.Identifier, (late, TEMPLATE))
            connection.execute(query.SQL("create database {} template {}").format(*names))
        deadline = time.monotonic() + RECOVERY_SECONDS
        while door.login("ada", PASSWORD).status_code != 401:
            assert time.monotonic() < deadline, "the sidecar does not find the database"
        door.client.close()
    with database.server.connect() as connection:
        connection.execute(query.SQL("drop database {} with (force)").format(query.Identifier(late)))


def test_anybody_learns_that_the_database_is_away_but_not_where_it_is(
    config: Config, database: Database, people: People, sql: Sql, caplog: pytest.LogCaptureFixture
) -> None:
    with running_sidecar(replace(config, server=replace(config.server, port=free_port()))) as url:
        live, door = Live(url, people, sql.superuser), Door(url)
        event = live.event()
        with live.telemetry() as socket:
            assert asked(socket, frame(1, point(event, 1)))["type"] == "ack"
            with unreachable(database):
                socket.send(frame(2, point(event, 2)))
                components = until_ill(door, "ingest", "stream")
            assert told(socket)["seq"] == 2
        door.client.close()
    assert components["ingest"]["problem"] == NOT_STORING
    assert components["stream"]["problem"] == NOT_LISTENING
    assert "Datapoints wait for PostgreSQL: connection failed" in caplog.text
    assert "Live values wait for PostgreSQL: connection failed" in caplog.text


@contextmanager
def unreachable(database: Database) -> Iterator[None]:
    """Meanwhile nobody can connect to it, and the sidecar's connections are lost."""
    name = query.Identifier(database.name)
    with database.server.connect() as connection:
        connection.execute(query.SQL("alter database {} allow_connections false").format(name))
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and usename = 'webmacs_sidecar'",
            (database.name,),
        )
        try:
            yield
        finally:
            connection.execute(query.SQL("alter database {} allow_connections true").format(name))


def until_ill(door: Door, *names: str) -> dict[str, dict[str, Any]]:
    """Ask until all of these parts do not work; what is said of every part."""
    deadline = time.monotonic() + RECOVERY_SECONDS
    while True:
        components: dict[str, dict[str, Any]] = door.get("/health").json()["components"]
        if not any(components[name]["ok"] for name in names):
            return components
        assert time.monotonic() < deadline, components


def test_asking_often_asks_the_parts_once() -> None:
    asked = 0

    async def check() -> Finding:
        nonlocal asked
        asked += 1
        return Finding("counted")

    async def ask() -> None:
        health = Health()
        health.add("part", check)
        await asyncio.gather(*(health.ask() for _ in range(100)))

    asyncio.run(ask())
    assert asked == 1
    assert FRESH > 0


@pytest.mark.parametrize("error", [RuntimeError("secret words"), TimeoutError()])
def test_a_check_that_fails_is_a_part_that_does_not_work(error: Exception) -> None:
    async def check() -> Finding:
        raise error

    health = Health()
    health.add("part", check)
    part = asyncio.run(health.ask())["part"]
    assert not part.ok
    assert part.problem
    assert "secret" not in part.problem
