"""What a sidecar finds about the parts is told when it is found twice, and afterwards if the database was away."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import webmacs.health
import webmacs.health.watch
from tests.sidecar.live import Live, begun, told
from tests.sidecar.test_health import unreachable
from tests.support.database import Database
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config
from webmacs.database import make_pool
from webmacs.health import Component, Health
from webmacs.health.watch import HealthWatch

START = datetime(2026, 1, 1, tzinfo=UTC)
ENTRIES = "select message from private.log_entries where source = 'health' order by id"


class Watched:
    """A watch that is shown, every ten seconds, which parts do not work."""

    def __init__(self, watch: HealthWatch, sql: Sql) -> None:
        self._watch = watch
        self._sql = sql
        self._looks = 0
        for table in ("health", "health_reports", "log_entries"):
            sql.superuser.execute(f"delete from private.{table}".encode())

    async def sees(self, *ill: str) -> None:
        found = {part: Component(part not in ill, "tried", "Broken." if part in ill else None, 1.0) for part in "ab"}
        self._watch.note(found, START + timedelta(seconds=10 * self._looks))
        self._looks += 1
        await self._watch.report()

    def log(self) -> list[str]:
        """What was written, without the date."""
        return [message.removeprefix("Health at 2026-01-01 ") for (message,) in self._sql.superuser.execute(ENTRIES)]


@pytest.fixture
async def watched(config: Config, sql: Sql) -> AsyncIterator[Watched]:
    async with make_pool(config) as pool:
        yield Watched(HealthWatch(Health(), pool), sql)


async def test_what_is_found_twice_is_told_with_the_time_when_it_began(watched: Watched) -> None:
    for ill in ((), (), ("a",), ("a",), ("a",), (), ()):
        await watched.sees(*ill)
    assert watched.log() == ["00:00:20 UTC: a does not work: Broken.", "00:00:50 UTC: a works again."]


async def test_what_passes_at_once_is_not_told(watched: Watched) -> None:
    for ill in ((), (), ("a",), (), ("b",), (), ("a",)):
        await watched.sees(*ill)
    assert watched.log() == []


async def test_what_does_not_work_from_the_start_is_told(watched: Watched) -> None:
    await watched.sees("b")
    await watched.sees("b")
    assert watched.log() == ["00:00:00 UTC: b does not work: Broken."]


async def test_what_happened_while_the_database_was_away_is_told_afterwards(
    watched: Watched, database: Database
) -> None:
    await watched.sees()
    await watched.sees()
    with unreachable(database):
        for ill in (("a",), ("a",), ("a", "b"), ("a", "b")):
            await watched.sees(*ill)
        assert watched.log() == []
    await watched.sees()
    await watched.sees()
    assert watched.log() == [
        "00:00:20 UTC: a does not work: Broken.",
        "00:00:40 UTC: b does not work: Broken.",
        "00:01:00 UTC: a works again. b works again.",
    ]


async def test_it_speaks_up_from_time_to_time(watched: Watched, sql: Sql) -> None:
    """Else its word would count no longer."""
    await watched.sees()
    await watched.sees()
    sql.superuser.execute("delete from private.health_reports")
    for _ in range(3):
        await watched.sees()
    reported = sql.superuser.execute("select problems from private.health_reports").fetchone()
    assert reported == ({"a": None, "b": None},)


def test_a_sidecar_tells_those_who_watch(
    config: Config, people: People, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgREST does not run."""
    monkeypatch.setattr(webmacs.health, "FRESH", 0.0)
    monkeypatch.setattr(webmacs.health.watch, "SECONDS", 0.5)
    config = replace(config, server=replace(config.server, port=free_port()))
    with running_sidecar(config) as url, Live(url, people, sql.superuser).stream() as stream:
        begun(stream)
        stream.send(json.dumps({"type": "subscribe", "topics": ["log"]}))
        while not any("postgrest does not work" in e["message"] for e in told(stream).get("log_entries", [])):
            pass
