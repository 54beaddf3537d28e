"""The table of cases: the same steps, alarms, journal and deliveries whichever way the points come, however cut.

All cases of a run share their batches, and two connections send at once, each the points of every second case.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from tests.rules import cuts, doors, readings
from tests.rules.cases import CASES
from tests.rules.doors import Door, Sent
from tests.rules.outcome import Outcome, difference, told_by_database, told_by_reference
from tests.rules.planting import latches, plant, plant_webhook
from tests.support.database import Database
from tests.support.people import People
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

CONNECTIONS = 2
EVENTS = [case.expected() for case in CASES]
EXPECTED = [told_by_reference(event.machines[0], latches(place)) for place, event in enumerate(EVENTS)]


@pytest.fixture(scope="module", autouse=True)
def _webhook(sql: Sql) -> None:
    plant_webhook(sql.superuser, "sensor.reading", reading_interval=readings.INTERVAL)


@pytest.fixture(scope="module")
def sidecar(config: Config, people: People) -> Iterator[str]:
    """A sidecar, whose clock ticks for all rules of the database."""
    with running_sidecar(config) as url:
        yield url


@pytest.fixture
def door(request: pytest.FixtureRequest, database: Database, people: People) -> Door:
    if request.param == "psql":
        return partial(doors.psql, database)
    token = people.the("operator").token
    if request.param == "rest":
        return partial(doors.rest, request.getfixturevalue("postgrest"), token)
    return partial(doors.websocket, request.getfixturevalue("sidecar"), token)


@pytest.mark.parametrize("cut", [cuts.whole, cuts.one_by_one, cuts.in_threes, cuts.anywhere])
@pytest.mark.parametrize("door", ["psql", "rest", "websocket"], indirect=True)
def test_cases(door: Door, cut: cuts.Cut[Sent], sql: Sql) -> None:
    planted = plant(sql.superuser, [case.rule for case in CASES])
    sent = [each.sent(case.arriving) for each, case in zip(planted, CASES, strict=True)]
    begin = Barrier(CONNECTIONS)

    def send(part: int) -> None:
        with door() as feed:
            begin.wait()
            for batch in cuts.interleaved(cut, sent[part::CONNECTIONS]):
                feed(batch)

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(send, range(CONNECTIONS)))
    _compare(told_by_database(sql.superuser, planted))
    assert readings.told_by_database(sql.superuser, planted) == [readings.due(event) for event in EVENTS]


def _compare(told: list[Outcome]) -> None:
    differing = {
        case.name: difference(expected, got)
        for case, expected, got in zip(CASES, EXPECTED, told, strict=True)
        if expected != got
    }
    few = "\n".join(f"{name}: {difference}" for name, difference in list(differing.items())[:5])
    assert not differing, f"{len(differing)} of {len(CASES)} cases differ, as (expected, told):\n{few}"
