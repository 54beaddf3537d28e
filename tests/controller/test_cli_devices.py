"""`check`, `read` and `write` on devices that are well, broken, and gone."""

import asyncio
import signal
from collections.abc import Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from webmacs_controller.cli import read as reading
from webmacs_controller.cli.main import main
from webmacs_controller.commands.journal import Journal
from webmacs_controller.configuration.saved import Saved
from webmacs_controller.configuration.settings import Configuration, InstanceSettings
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.sdk import PluginError, Quality, Sample, discovery

from tests.controller import wicked
from tests.controller.test_cli import process

SERVER = '[server]\nurl = "ws://127.0.0.1:1/"\ntoken = "s3cret"\n'
TANK = '[[instances]]\nname = "Tank"\nplugin = "good"\ninterval_seconds = 0.02\n'
REACTOR = '[[instances]]\nname = "Reactor"\nplugin = "simulated"\ninterval_seconds = 0.02\n'


@pytest.fixture(autouse=True)
def tank(monkeypatch: pytest.MonkeyPatch) -> wicked.Tank:
    """A plugin that is installed beside those that are shipped."""
    shipped = discovery.installed()
    good = EntryPoint("good", "tests.controller.wicked:Good", discovery.GROUP)
    monkeypatch.setattr(discovery, "installed", lambda: {"good": [good], **shipped})
    monkeypatch.setattr(wicked.Good, "tank", wicked.Tank())
    return wicked.Good.tank


def call(folder: Path, command: str, *arguments: str, instances: str = TANK) -> Result:
    path = folder / "controller.toml"
    path.write_text(SERVER + instances)
    return CliRunner().invoke(main, [command, "--config", str(path), *arguments])


def line_of(result: Result, what: str) -> str:
    return next(line for line in result.output.splitlines() if what in line)


def test_check_tells_what_each_instance_is(tmp_path: Path) -> None:
    result = call(tmp_path, "check", instances=TANK + REACTOR)
    assert line_of(result, "Tank") == "ok      instance Tank: Good 1.0, 2 channels"
    assert line_of(result, "Reactor").endswith("9 channels; all: uncertain, simulated")


LINE = """
[[instances]]
name = "{name}"
plugin = "modbus"
config = {{ transport = "rtu", serial_port = "/dev/ttyNONE", channels = [
  {{ id = "t", unit = "1", table = "input_register", address = 0, type = "uint16" }} ] }}
"""


def test_two_on_one_serial_line_are_refused_before_anything_is_asked(tmp_path: Path) -> None:
    both = LINE.format(name="Pumps") + LINE.format(name="Valves")
    result = call(tmp_path, "check", instances=both)
    problem = "config: the serial line /dev/ttyNONE is held by the instance 'Pumps'"
    assert line_of(result, "Valves") == f"FAILED  instance Valves: {problem}"
    result = call(tmp_path, "run", instances=both)
    assert (result.exit_code, result.output) == (1, f"Error: instances[2].{problem}\n")


def test_check_goes_on_after_what_is_wrong(tmp_path: Path) -> None:
    wrong = '[[instances]]\nname = "Wrong"\nplugin = "good"\nconfig.address = 0\n'
    result = call(tmp_path, "check", instances=wrong + wrong.replace("Wrong", "Odd").replace("good", "odd") + TANK)
    assert result.exit_code == 1
    assert line_of(result, "Wrong").endswith("instances[1].config.address: expected `int` >= 1")
    assert line_of(result, "Odd").startswith("FAILED  instance Odd: instances[2].plugin: 'odd' is not installed;")
    assert line_of(result, "Tank").startswith("ok")


@pytest.mark.parametrize(
    ("samples", "outcome"),
    [
        ([Sample("level", 1, Quality.UNCERTAIN), Sample("pump", 1)], "ok      {}level: uncertain"),
        ([Sample("pump", 1)], "FAILED  {}level: no value"),
        ([Sample("level", float("nan")), Sample("pump", 1)], "FAILED  {}level: no value"),
        ([Sample("level", 1, Quality.SENSOR_FAULT), Sample("pump", 1)], "FAILED  {}level: bad, sensor fault"),
    ],
)
def test_check_tells_which_channels_are_not_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, samples: list[Sample], outcome: str
) -> None:
    async def read(self: Any) -> Sequence[Sample]:
        return samples

    monkeypatch.setattr(wicked.Good, "read", read)
    result = call(tmp_path, "check")
    assert line_of(result, "Tank") == outcome.format("instance Tank: Good 1.0, 2 channels; ")


def test_check_tells_what_the_plugin_says_of_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wicked.Good, "health", lambda self: "the battery is low")
    assert line_of(call(tmp_path, "check"), "Tank").endswith("2 channels; the battery is low")


def test_check_names_a_device_that_does_not_answer_and_a_plugin_that_is_of_no_use(
    tmp_path: Path, tank: wicked.Tank, monkeypatch: pytest.MonkeyPatch
) -> None:
    tank.there = False
    found = discovery.installed()
    broken = EntryPoint("broken", "no.such:Plugin", discovery.GROUP)
    monkeypatch.setattr(discovery, "installed", lambda: {**found, "broken": [broken]})
    result = call(tmp_path, "check")
    assert line_of(result, "Tank") == "FAILED  instance Tank: the tank does not answer"
    assert line_of(result, "broken").startswith("warning plugin broken: 'broken' cannot be loaded: ModuleNotFound")


def test_what_the_server_wanted_last_counts(tmp_path: Path) -> None:
    wanted = [
        InstanceSettings(name="Vat", plugin="good", demo=True),
        InstanceSettings(name="Keg", plugin="good", enabled=False),
        InstanceSettings(name="Odd", plugin="odd"),
    ]
    Saved(tmp_path / "controller.configuration").save(Configuration(version=7, instances=wanted))
    result = call(tmp_path, "check")
    assert "configuration 7 of the server counts" in result.output
    assert line_of(result, "Vat") == "ok      instance Vat: Good 1.0, 2 channels; all: uncertain, simulated"
    assert line_of(result, "Keg") == "ok      instance Keg: disabled"
    assert "Tank" not in result.output
    assert "uncertain, simulated" in line_of(call(tmp_path, "read", "Vat"), "pump")
    assert "'odd' is not installed" in call(tmp_path, "read").output


def test_check_writes_nothing(tmp_path: Path, tank: wicked.Tank) -> None:
    tank.pump = 42
    call(tmp_path, "check")
    assert tank.pump == 42
    assert [path.name for path in tmp_path.iterdir()] == ["controller.toml"]


def test_read_shows_the_instances_that_are_named(tmp_path: Path) -> None:
    result = call(tmp_path, "read", "Tank", instances=TANK + REACTOR)
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "instance  channel  value  unit  quality  range    direction",
        "Tank      level      4.2  m     good     0 … 10   input",
        "Tank      pump         0  %     good     0 … 100  output",
    ]


def test_read_names_what_it_cannot_read(tmp_path: Path, tank: wicked.Tank) -> None:
    tank.there = False
    result = call(tmp_path, "read")
    assert result.exit_code == 1
    assert "Tank      level        -  m     no value  0 … 10   input" in result.output
    assert result.output.endswith("Tank: the tank does not answer\n")


def test_an_instance_that_is_not_there_is_told(tmp_path: Path) -> None:
    result = call(tmp_path, "read", "Pump", instances=TANK + REACTOR)
    assert (result.exit_code, result.output) == (1, "Error: there is no instance 'Pump'; there are Tank, Reactor\n")


class Told(reading.Display):
    """Says what it has come to, each time."""

    def __init__(self) -> None:
        super().__init__(Instance("Tank", wicked.Good(wicked.Settings()), 0.01))
        self.told: asyncio.Queue[tuple[int, str]] = asyncio.Queue()

    async def _read(self) -> None:
        await super()._read()
        self.told.put_nowait((len(self.points), self.problem))

    def _fail(self, error: Exception) -> None:
        super()._fail(error)
        self.told.put_nowait((len(self.points), self.problem))


async def test_watching_goes_on_while_a_device_comes_and_goes(
    monkeypatch: pytest.MonkeyPatch, tank: wicked.Tank
) -> None:
    """Old values vanish with the device, and new ones come with it."""
    for pause in ("SETTLE_SECONDS", "REFRESH_SECONDS", "RETRY_SECONDS"):
        monkeypatch.setattr(reading, pause, 0)
    display = Told()
    watching = asyncio.create_task(display.keep())
    for there, told in [(True, (2, "")), (False, (0, "the tank does not answer")), (True, (2, ""))]:
        tank.there = there
        while await display.told.get() != told:
            pass
    watching.cancel()


def test_a_table_longer_than_the_window_says_so() -> None:
    lines = [f"line {number}" for number in range(10)]
    assert reading._fitting(lines, 1, 10) == lines
    shown = reading._fitting(lines, 1, 5)
    assert shown == [*lines[:3], "… 6 lines more: name the instances that you want to see", "line 9"]


def test_what_is_written_is_held_and_then_safe(tmp_path: Path, tank: wicked.Tank) -> None:
    result = call(tmp_path, "write", "Tank", "pump", "30", "--seconds", "0.1")
    assert result.output.splitlines() == [
        "pump is 30 % (good); in 0.1 s it goes to its safe value, 5 %",
        "pump is 5 % (good)",
    ]
    assert (result.exit_code, tank.pump) == (0, 5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_what_is_written_is_held_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "controller.toml"
    path.write_text(SERVER + REACTOR)
    async with process("write", "--config", str(path), "Reactor", "valve_position", "30") as running:
        assert running.stdout is not None
        first = await running.stdout.readline()
        running.send_signal(number)
        rest, errors = await running.communicate()
    assert first.startswith(b"valve_position is 30 % (uncertain, simulated); at Ctrl-C it goes to its safe value")
    assert (rest, errors) == (b"valve_position is 0 % (uncertain, simulated)\n", b"")
    assert running.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("Tank", "pump", "-5"), "pump takes 0 to 100 %, not -5"),
        (("Tank", "pump", "nan"), "pump takes 0 to 100 %, not nan"),
        (("Tank", "level", "5"), "Tank has no output 'level'; its outputs are pump"),
        (("Pump", "level", "5"), "there is no instance 'Pump'; there are Tank"),
    ],
)
def test_what_cannot_be_written_is_told(
    tmp_path: Path, tank: wicked.Tank, arguments: tuple[str, ...], problem: str
) -> None:
    result = call(tmp_path, "write", *arguments)
    assert (result.exit_code, result.output) == (1, f"Error: {problem}\n")
    assert tank.pump == 0


def test_nothing_is_written_beside_a_controller_that_runs(tmp_path: Path, tank: wicked.Tank) -> None:
    journal = Journal(tmp_path / "controller.journal")
    journal.open_entries()
    result = call(tmp_path, "write", "Tank", "pump", "30")
    assert result.exit_code == 1
    assert "database is locked. While the controller runs here, set outputs in WebMACS." in result.output
    assert tank.pump == 0
    journal.close()


def test_an_output_that_does_not_become_safe_is_told(
    tmp_path: Path, tank: wicked.Tank, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stuck(self: Any, channel_id: str, value: float) -> None:
        if tank.pump == 30:
            raise PluginError("the pump does not obey")
        tank.pump = value

    monkeypatch.setattr(wicked.Good, "write", stuck)
    result = call(tmp_path, "write", "Tank", "pump", "30", "--seconds", "0.1")
    assert result.exit_code == 1
    assert result.output.endswith("Error: pump is NOT at its safe value: the pump does not obey\n")


def test_a_device_that_is_not_there_is_told(tmp_path: Path, tank: wicked.Tank) -> None:
    tank.there = False
    result = call(tmp_path, "write", "Tank", "pump", "30")
    assert (result.exit_code, result.output) == (1, "Error: the tank does not answer\n")
