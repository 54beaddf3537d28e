"""A command all the way: PostgREST, database, sidecar, a real controller with its device, and back to the stream."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection

from tests.controller.process import effects_in, environment, kill_all, prepare, program
from tests.sidecar.conftest import Door
from tests.sidecar.live import TELEMETRY, Live, Message, begun, next_value, told
from tests.support.people import People
from tests.support.rest import Api
from tests.support.run import Run
from tests.support.sql import Sql

SIMULATED = """
[[instances]]
name = "Plant"
plugin = "simulated"
interval_seconds = 0.2
config.program = false

[[instances]]
name = "Dosing"
plugin = "valve_cycling"
config = { valve = { instance = "Plant", channel = "valve_position" }, open_value = 80, seconds_closed = 0.2 }
"""


@dataclass
class Plant:
    """A controller with a simulated plant and with a pump that writes down its effects; it can be killed."""

    folder: Path
    run: Run
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """A process that works on the same journal as the one before."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                program(self.folder), stdout=log, stderr=log, env=environment(self.folder), start_new_session=True
            )
        self.run.ends(self.process)

    def kill(self) -> None:
        """As a power cut."""
        if self.process is not None:
            kill_all(self.process.pid)
            self.died()

    def died(self) -> None:
        """Wait until it is dead."""
        assert self.process is not None
        self.process.wait(20)
        self.process = None


@pytest.fixture(scope="module")
def live(door: Door, people: People, sql: Sql) -> Live:
    return Live(door.url, people, sql.superuser).listening()


@pytest.fixture(scope="module")
def folder(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all plants: after the first contact the database alone says in which the pump writes."""
    made = tmp_path_factory.mktemp("plant")
    prepare(made, live.url(TELEMETRY), live.controller.token)
    with (made / "controller.toml").open("a") as settings:
        settings.write(SIMULATED)
    return made


@pytest.fixture
def plant(folder: Path, run: Run) -> Iterator[Plant]:
    plant = Plant(folder, run)
    yield plant
    plant.kill()


def event_named(api: Api, name: str) -> dict[str, Any]:
    (event,) = api.as_role("operator").get("/events", params={"name": f"like.*{name}*"}).json()
    return dict(event)


def set_value(api: Api, event: dict[str, Any], value: float, **more: Any) -> dict[str, Any]:
    answer = api.as_role("operator").post("/rpc/set_value", json={"event_id": event["id"], "value": value} | more)
    assert answer.status_code == 200, answer.text
    (command,) = answer.json()
    return dict(command)


def finished(stream: ClientConnection, command: dict[str, Any]) -> Message:
    """The command, when its outcome is shown on the stream."""
    while True:
        for shown in told(stream).get("commands", []):
            if shown["id"] == command["id"] and shown["finished_at"]:
                return dict(shown)


@contextmanager
def seen_at_work(live: Live, plant: Plant) -> Iterator[ClientConnection]:
    """A stream that has shown a value of this plant, which was started for it."""
    with live.stream() as stream:
        begun(stream)
        plant.start()
        while not told(stream).get("datapoints"):
            pass
        yield stream


def test_there_and_back(live: Live, api: Api, plant: Plant) -> None:
    with seen_at_work(live, plant) as stream:
        heater = event_named(api, "Heater power")
        done = finished(stream, set_value(api, heater, 42.5, reason="to see it move"))
        assert (done["state"], done["value_read"], done["error"]) == ("done", 42.5, None)
        while next_value(stream, heater["public_id"]) != 42.5:
            pass


def test_what_was_commanded_while_the_controller_was_away(live: Live, api: Api, plant: Plant) -> None:
    with seen_at_work(live, plant) as stream:
        valve = event_named(api, "Valve position")
        plant.kill()
        command = set_value(api, valve, 30, ttl_seconds=60)
        plant.start()
        done = finished(stream, command)
    assert (done["state"], done["value_read"]) == ("done", 30)
    shown = api.as_role("viewer").get("/commands", params={"id": f"eq.{command['id']}"}).json()
    assert [(row["state"], row["value_read"]) for row in shown] == [("done", 30)]


def test_nobody_acts_again_after_a_crash(live: Live, api: Api, plant: Plant) -> None:
    with seen_at_work(live, plant) as stream:
        pump = event_named(api, "Pump")
        (plant.folder / "in the write").touch()
        command = set_value(api, pump, 7, ttl_seconds=60)
        plant.died()
        (plant.folder / "in the write").unlink()
        plant.start()
        shown = finished(stream, command)
        assert (shown["state"], shown["value_read"]) == ("outcome_unknown", 0)
        assert finished(stream, set_value(api, pump, 8))["state"] == "done"
    assert [effect for effect in effects_in(plant.folder) if effect != 0] == [7, 8]  # 0: made safe, at each start


def test_the_controller_checks_again(live: Live, api: Api, sql: Sql, plant: Plant) -> None:
    """Its channel takes less than the event: so the database lets it pass, and the controller does not."""
    with seen_at_work(live, plant) as stream:
        heater = event_named(api, "Heater power")
        sql.superuser.execute("update private.events set max_value = 200 where id = %s", (heater["id"],))
        refused = finished(stream, set_value(api, heater, 150))
    assert (refused["state"], refused["error"]) == ("failed", "heater_power takes 0 to 100 %, not 150")


def test_a_press_of_its_button_cycles_the_valve(live: Live, api: Api, plant: Plant) -> None:
    with seen_at_work(live, plant) as stream:
        button, valve = event_named(api, "Dosing Button"), event_named(api, "Plant Valve position")
        assert (button["event_type"], valve["event_type"]) == ("cmd_button", "actuator")
        assert finished(stream, set_value(api, event_named(api, "Seconds open"), 2))["value_read"] == 2
        assert finished(stream, set_value(api, button, 1))["value_read"] == 1
        while next_value(stream, valve["public_id"]) != 80:
            pass
        while next_value(stream, valve["public_id"]) != 0:
            pass
        while next_value(stream, button["public_id"]) != 0:
            pass
