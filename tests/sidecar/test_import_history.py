"""What a file brings is history: nothing happens because of it, and yet it is there for all who look."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.db.hooks import Hooks
from tests.db.rules import Rules
from tests.sidecar.conftest import Door, bearer
from tests.sidecar.plant import Event, Plant
from tests.support.people import People
from tests.support.plain import PLAIN
from tests.support.sql import Sql

HAPPENED = """
    select (select count(*) from private.alarm_journal), (select count(*) from private.webhook_deliveries)
"""
TICK = "select private.tick(clock_timestamp() + interval '1 minute')"
NEWEST = "select value from private.latest where event_id = %s"
MARKED = "select count(*) from private.rollup_dirty where event_id = %s"
NIGHT = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def plant(sql: Sql) -> Plant:
    return Plant(sql.superuser)


@pytest.fixture(scope="module")
def client(door: Door, people: People) -> Iterator[httpx.Client]:
    headers = bearer(people.the("operator").token)
    with closing(httpx.Client(base_url=door.url, headers=headers, **PLAIN)) as made:
        yield made


@pytest.fixture
def watched(sql: Sql, plant: Plant) -> Event:
    """A rule raises an alarm above 10, and a webhook gets each value; there is none yet."""
    event = plant.event()
    Rules(sql).save(event.id, actions=[{"kind": "alarm"}])
    Hooks(sql).add(["sensor.reading", "alarm.raised"], reading_interval_seconds=1)
    return event


def happened(plant: Plant) -> tuple[int, ...]:
    row = plant.superuser.execute(HAPPENED.encode()).fetchone()
    assert row is not None
    return row


def upload(client: httpx.Client, event: Event, *points: tuple[datetime, float]) -> None:
    lines = "".join(f"{event.public_id},{moment.isoformat()},{value}\n" for moment, value in points)
    answer = client.post("/import/datapoints", content=f"event_public_id,timestamp,value\n{lines}".encode())
    assert answer.json()["accepted"] == len(points), answer.text


def test_nothing_happens_because_of_a_file(client: httpx.Client, plant: Plant, sql: Sql, watched: Event) -> None:
    listening = sql.as_login("postgres")
    listening.execute("listen webmacs_datapoints")
    before = happened(plant)
    upload(client, watched, *((NIGHT + timedelta(seconds=n), n) for n in range(20)))
    plant.superuser.execute(TICK)
    assert happened(plant) == before
    plant.store(watched, (NIGHT + timedelta(seconds=20), 5))
    assert happened(plant) == (before[0], before[1] + 1)
    (told,) = listening.notifies(timeout=20, stop_after=1)
    assert '"v":[5]' in told.payload.replace(" ", "")  # the first that was told
    plant.store(watched, (NIGHT + timedelta(seconds=21), 50))
    assert happened(plant) == (before[0] + 1, before[1] + 3)


def test_and_yet_it_is_there(client: httpx.Client, plant: Plant, watched: Event) -> None:
    """As the newest value, and its rollups are computed again."""
    plant.superuser.execute("update private.settings set rolled_to = now()")
    upload(client, watched, (NIGHT, 1), (NIGHT + timedelta(hours=1), 2))
    assert plant.superuser.execute(NEWEST, (watched.id,)).fetchone() == (2,)
    assert plant.superuser.execute(MARKED, (watched.id,)).fetchone() == (2,)
