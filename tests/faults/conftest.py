"""An installation to break, with a controller that measures."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.faults.installation import Installation, Sidecar
from tests.faults.sender import Frame, Sender
from tests.support.database import Database, empty_database
from tests.support.drive import Drive
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.programs import postgres_programs
from tests.support.run import Run
from tests.support.sql import Sql
from webmacs.accounts.tokens import Tokens
from webmacs.keys.key import KeySet
from webmacs.migrate import migrate

EVENTS = 10
# What a killed sidecar had under way is due again 15 seconds later.
WEBHOOKS = {
    "WEBMACS_WEBHOOKS_ALLOW_NETWORKS": '["loopback"]',
    "WEBMACS_WEBHOOKS_TIMEOUT_SECONDS": "5",
    "WEBMACS_WEBHOOKS_CONCURRENCY": "8",
}
# frames, points a frame, frames in flight
MakeSender = Callable[[int, int, int], Sender]


@pytest.fixture(scope="module")
def durable(run: Run) -> Iterator[PostgresServer]:
    """A server of this module's own, for which an acknowledged commit is on disk."""
    server = PostgresServer(postgres_programs(17, run.folder), run.folder, durable=True)
    server.create()
    run.ends(server.start())
    yield server
    server.remove()


@pytest.fixture(scope="module")
def installation(
    durable: PostgresServer, run: Run, keys: KeySet, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """A migrated database and a running sidecar."""
    database = empty_database(durable.address, "webmacs")
    environment = (
        database.settings()
        | WEBHOOKS
        | {
            "WEBMACS_AUTH_KEYS_DIR": str(run.folder / "var/keys"),
            "WEBMACS_SERVER_PORT": str(free_port()),
        }
    )
    config = database.config(tmp_path_factory.mktemp("installation"), **environment)
    migrate(config)
    sidecar = Sidecar(config, environment, run)
    sidecar.start()
    yield Installation(durable, database, sidecar)
    sidecar.kill()


@pytest.fixture
def second_sidecar(installation: Installation) -> Iterator[Sidecar]:
    """Another one on the same database."""
    first = installation.sidecar
    port = free_port()
    config = replace(first.config, server=replace(first.config.server, port=port))
    sidecar = Sidecar(config, first.environment | {"WEBMACS_SERVER_PORT": str(port)}, first.run)
    sidecar.start()
    yield sidecar
    sidecar.kill()


@pytest.fixture
def make_sender(installation: Installation, keys: KeySet) -> Iterator[MakeSender]:
    """Makes a controller with EVENTS channels, and a sender of its frames."""
    with installation.database.connect() as superuser:
        people = People(superuser, Tokens(keys, installation.sidecar.config.auth))

        def make(frames: int, points: int, window: int) -> Sender:
            controller = people.controller()
            events = _channels(installation.database, controller.id)
            return Sender(installation.sidecar.url, controller.token, _frames(events, frames, points), window)

        yield make


def _channels(database: Database, controller_id: int) -> list[UUID]:
    """The events that the controller's first contact makes."""
    with database.connect() as connection:
        rows = connection.execute(
            "select (e ->> 'event_public_id')::uuid from jsonb_array_elements(private.controller_hello(%s,"
            " jsonb_build_object('instances', jsonb_build_array(jsonb_build_object('name', 'i', 'plugin', 'p',"
            " 'channels', (select jsonb_agg(jsonb_build_object('id', n, 'name', n, 'unit', 'V', 'min', 0, 'max', 1))"
            " from generate_series(1, %s) n))))) -> 'events') e",
            (controller_id, EVENTS),
        ).fetchall()
    return [event for (event,) in rows]


def _frames(events: list[UUID], frames: int, points: int) -> list[Frame]:
    """Every point is at an instant of its own, so that each can be found again."""
    start = datetime(2026, 1, 5, tzinfo=UTC)
    return [[_point(events, start, number * points + place) for place in range(points)] for number in range(frames)]


def _point(events: list[UUID], start: datetime, number: int) -> dict[str, object]:
    instant = start + timedelta(milliseconds=number)
    return {
        "event_public_id": str(events[number % len(events)]),
        "value": float(number),
        "timestamp": instant.isoformat(),
        "quality": 192,
    }


@pytest.fixture
def drive(installation: Installation, keys: KeySet) -> Iterator[Drive]:
    """Makes what can be driven, and drives it."""
    with installation.database.connect() as superuser:
        people = People(superuser, Tokens(keys, installation.sidecar.config.auth))
        with Sql(installation.database, people) as sql:
            yield Drive(sql, people)
