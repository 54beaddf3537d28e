"""The configuration all the way: PostgREST, database, sidecar, a real controller's process, and back to the stream."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import ClientConnection

from tests.controller.process import environment, program
from tests.controller.ramp import install
from tests.sidecar.live import SECONDS, TELEMETRY, Live, Message, begun, told
from tests.support.people import People
from tests.support.ports import free_port
from tests.support.rest import Api
from tests.support.run import Run
from tests.support.sidecar import running_sidecar
from tests.support.sql import Sql
from webmacs.config import Config

SETTINGS = """
[server]
url = "{url}"
token = "{token}"
[[instances]]
name = "Tank"
plugin = "ramp"
interval_seconds = {interval}
"""
INTERVAL = 0.02
MANY = 1000
TELL = (
    "create function tell() returns trigger language plpgsql as 'begin notify told; return null; end'",
    "create trigger tell after update on private.plugin_instances execute function tell()",
    "listen told",
)


@dataclass
class Plant:
    """A controller with one instance, as an administrator and a viewer see it."""

    live: Live
    sql: Sql
    admin: httpx.Client
    folder: Path
    run: Run
    stream: ClientConnection = field(init=False)
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> None:
        self.process = subprocess.Popen(program(self.folder), stderr=subprocess.PIPE, env=environment(self.folder))
        self.run.ends(self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def instance(self) -> Message:
        (row,) = self.admin.get("/plugin_instances", params={"plugin": "eq.ramp"}).json()
        return dict(row)

    def change(self, **settings: Any) -> httpx.Response:
        return self.admin.patch("/plugin_instances", params={"plugin": "eq.ramp"}, json=settings)

    def change_channel(self, **settings: Any) -> httpx.Response:
        params = {"plugin_instance_id": f"eq.{self.instance()['id']}"}
        return self.admin.patch("/channel_mappings", params=params, json=settings)

    def points(self) -> Iterator[Message]:
        """As they come on the stream, where nothing else is; not for ever."""
        for _ in range(MANY):
            yield from told(self.stream).get("datapoints", [])

    def shows(self, condition: Callable[[float], bool]) -> bool:
        """Whether there is soon such a value."""
        return any(condition(point["value"]) for point in self.points())

    def until(self, condition: Callable[[Message], bool]) -> Message:
        """The instance, when it is so."""
        while not condition(instance := self.instance()):
            assert next(self.sql.superuser.notifies(timeout=SECONDS), None), instance
        return instance


@pytest.fixture(scope="module")
def plant(
    config: Config, people: People, sql: Sql, api: Api, run: Run, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Plant]:
    for statement in TELL:
        sql.superuser.execute(statement)
    with running_sidecar(config) as url:
        live = Live(url, people, sql.superuser).listening()
        folder = tmp_path_factory.mktemp("plant")
        install(folder)
        settings = SETTINGS.format(url=live.url(TELEMETRY), token=live.controller.token, interval=INTERVAL)
        (folder / "controller.toml").write_text(settings)
        plant = Plant(live, sql, api.as_role("admin"), folder, run)
        with live.stream() as plant.stream:
            begun(plant.stream)
            plant.start()
            assert plant.shows(lambda value: value == 9)
            yield plant
            plant.kill()
            with suppress(TimeoutError):  # what waits to be read would keep the socket from closing
                while True:
                    plant.stream.recv(timeout=0.5)


@pytest.fixture(autouse=True)
def as_before(plant: Plant) -> Iterator[None]:
    """Each test leaves what it found, and the controller has never been started anew."""
    yield
    plant.change_channel(calibration=None, report="every", deadband=0)
    plant.change(enabled=True, interval_seconds=INTERVAL, config={})
    assert plant.shows(lambda value: value == 3)
    plant.until(lambda instance: instance["status"] == "connected" and instance["setting_error"] is None)
    assert plant.process.poll() is None


def moments(points: Iterator[Message]) -> Iterator[datetime]:
    return (datetime.fromisoformat(point["timestamp"]) for point in points)


def test_the_interval(plant: Plant) -> None:
    plant.change(interval_seconds=0.3)
    assert any(after - before > timedelta(seconds=0.2) for before, after in pairwise(moments(plant.points())))


def test_the_calibration(plant: Plant) -> None:
    plant.change_channel(calibration=[[0, 5000], [1, 5001]])
    assert plant.shows(lambda value: 5000 <= value <= 5009)


def test_the_way_of_reporting(plant: Plant) -> None:
    plant.change_channel(report="change", deadband=1.5)
    steps = (after["value"] - before["value"] for before, after in pairwise(plant.points()))
    assert 2 in steps


def test_disabled_and_enabled(plant: Plant) -> None:
    plant.change(enabled=False)
    plant.until(lambda instance: instance["status"] == "stopped")
    plant.change(enabled=True)
    plant.until(lambda instance: instance["status"] == "connected")


def test_the_settings_of_the_plugin(plant: Plant) -> None:
    plant.change(config={"low": 500, "high": 600})
    assert plant.shows(lambda value: value == 503)


def test_a_setting_that_is_wrong_by_its_schema_is_not_even_written(plant: Plant) -> None:
    refused = plant.change(config={"low": 2000})
    assert refused.status_code == 400
    assert refused.json()["message"] == "config.low must be a whole number from 0 to 1000."
    assert plant.instance()["config"] == {}


def test_one_that_only_the_plugin_knows_is_wrong_is_named_and_the_old_one_stays(plant: Plant) -> None:
    plant.change(config={"low": 7, "high": 3})
    instance = plant.until(lambda instance: instance["setting_error"] is not None)
    assert instance["setting_error"] == "config.high: must be greater than low, 7, not 3"
    assert instance["status"] == "connected"
    later = datetime.now(UTC)
    values = (point["value"] for point in plant.points() if datetime.fromisoformat(point["timestamp"]) > later)
    assert max(islice(values, 20)) == 9


def test_it_starts_with_what_it_knew_last_when_the_server_is_away(plant: Plant) -> None:
    file = plant.folder / "controller.toml"
    settings = file.read_text()
    plant.change(name="Boiler", config={"low": 700, "high": 800})
    assert plant.shows(lambda value: value == 703)
    plant.kill()
    file.write_text(SETTINGS.format(url=f"ws://127.0.0.1:{free_port()}/", token="t", interval=INTERVAL))
    plant.start()
    assert plant.process.stderr is not None
    assert any(b"Boiler: connected, 1 channels" in line for line in islice(plant.process.stderr, 50))
    plant.process.terminate()
    plant.process.communicate()
    file.write_text(settings)
    again = datetime.now(UTC)
    plant.start()
    assert any(moment < again for moment in moments(plant.points()))
