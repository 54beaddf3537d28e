"""A wrong setting is refused by its name, with what is allowed."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import pytest
from webmacs_controller.assembly import make_instances, make_setup
from webmacs_controller.configuration.saved import Saved
from webmacs_controller.configuration.settings import Configuration, InstanceSettings
from webmacs_controller.sdk import Channel, ConfigError, Direction, EventType
from webmacs_controller.sdk.config import read_config
from webmacs_controller.sdk.discovery import create, installed
from webmacs_controller.settings import load

DEFAULT = Path(__file__).parents[2] / "controller" / "controller.default.toml"
SERVER = '[server]\nurl = "ws://127.0.0.1:1/"\ntoken = "t"\n'
INSTANCE = '[[instances]]\nname = "A"\nplugin = "simulated"\n'


@dataclass(frozen=True)
class Pump:
    address: Annotated[int, msgspec.Meta(ge=1, le=247)]
    scale: float = 1.0


def test_a_table_becomes_the_dataclass() -> None:
    assert read_config(Pump, {"address": 3, "scale": 2}, "x") == Pump(3, 2.0)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, "x.address: is missing"),
        ({"address": 0}, "x.address: expected `int` >= 1"),
        ({"address": 300}, "x.address: expected `int` <= 247"),
        ({"address": "3"}, "x.address: expected `int`, got `str`"),
        ({"address": 3, "skale": 1}, "x.skale: unknown setting; allowed are address, scale"),
    ],
)
def test_what_is_wrong_is_named(table: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_config(Pump, table, "x")
    assert str(error.value) == message


def write(folder: Path, text: str) -> Path:
    path = folder / "controller.toml"
    path.write_text(text)
    return path


def test_the_default_file_is_right() -> None:
    settings = load(DEFAULT)
    assert [instance.plugin.meta.id for instance in make_instances(settings)] == [
        "system",
        "simulated",
        "valve_cycling",
    ]
    assert settings.token_file == DEFAULT.parent / "controller.token"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (INSTANCE, "controller.toml.server: is missing"),
        (SERVER + INSTANCE + "prot = 1", "instances[1].prot: unknown setting; allowed are name, plugin"),
        (SERVER.replace("ws:", "http:") + INSTANCE, "server.url: must be ws://host"),
        (SERVER.replace("1/", "1/?token=a") + INSTANCE, "server.url: a token or a password does not belong"),
        (SERVER.replace('token = "t"', "") + INSTANCE, "server: needs either token or token_file"),
        (SERVER + "[buffer]\npoints = 1\n" + INSTANCE, "buffer.points: expected `int` >= 10000"),
        (SERVER + INSTANCE + "interval_seconds = 0", "instances[1].interval_seconds: expected `float` >= 0.01"),
        (SERVER + INSTANCE + INSTANCE, "the name 'A' is there twice"),
        (SERVER + INSTANCE + "config.seed = 'x'", "instances[1].config.seed: expected `int`, got `str`"),
        (SERVER + INSTANCE.replace("simulated", "nothing"), "instances[1].plugin: 'nothing' is not installed"),
        (
            SERVER + INSTANCE.replace("simulated", "system") + "config.disk_path = '/no'",
            "instances[1].config.disk_path: '/no' cannot be watched",
        ),
        (
            SERVER + INSTANCE + '[[instances]]\nname = "C"\nplugin = "valve_cycling"\n'
            'config.valve = { instance = "A", channel = "humidity" }',
            "instances[2].config.valve.channel: A has no output 'humidity' that a sequence could drive; there",
        ),
        ("[server", "controller.toml: "),
    ],
)
def test_a_wrong_controller_toml_is_explained(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        make_instances(load(write(tmp_path, text)))
    assert message in str(error.value)


def test_without_instances_there_is_nothing_to_propose(tmp_path: Path) -> None:
    assert make_setup(load(write(tmp_path, SERVER))).first == Configuration()


def test_what_the_server_wanted_last_counts_more_than_controller_toml(tmp_path: Path) -> None:
    wrong = InstanceSettings(name="B", plugin="nothing")
    last = Configuration(version=3, instances=[wrong])
    Saved(tmp_path / "controller.configuration").save(last)
    settings = load(write(tmp_path, SERVER + INSTANCE))
    assert make_setup(settings).first == last  # a mistake in it is told to the server, it does not end the controller
    with pytest.raises(ConfigError, match=r"instances\[1\].plugin: 'nothing' is not installed"):
        make_instances(settings)


def test_a_disabled_instance_is_not_made(tmp_path: Path) -> None:
    entries = [InstanceSettings(name=name, plugin="simulated", enabled=name == "A") for name in "AB"]
    Saved(tmp_path / "controller.configuration").save(Configuration(version=3, instances=entries))
    assert [instance.name for instance in make_instances(load(write(tmp_path, SERVER)))] == ["A"]


def test_when_the_last_configuration_is_broken_controller_toml_counts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "controller.configuration").write_text("{")
    first = make_setup(load(write(tmp_path, SERVER + INSTANCE + "demo = true"))).first
    assert first == Configuration(instances=[InstanceSettings(name="A", plugin="simulated", demo=True)])
    assert "the last configuration of the server is lost" in caplog.text


def test_a_missing_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load(tmp_path / "controller.toml")


def test_the_token_is_not_shown_with_the_settings(tmp_path: Path) -> None:
    assert "s3cret" not in repr(load(write(tmp_path, SERVER.replace('"t"', '"s3cret"') + INSTANCE)))


def test_the_shipped_plugins_are_found_by_their_entry_points() -> None:
    assert {"system", "simulated", "valve_cycling"} <= installed().keys()
    assert create("simulated", {"seed": 5}, "x").config.seed == 5


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"unit": " "}, "unit must be 1 to 255 characters, no blanks around"),
        ({"unit": ""}, "unit must be 1 to 255 characters"),
        ({"id": "x" * 101}, "id must be 1 to 100 characters"),
        ({"name": "A\n"}, "name must be 1 to 255 characters"),
        ({"name": "A\0B"}, "name must be 1 to 255 characters"),
        ({"min": 1, "max": 1}, "min 1 must be below max 1"),
        ({"max": math.inf}, "both finite"),
        ({"direction": Direction.OUTPUT}, "an output needs a safe_value"),
        ({"direction": Direction.OUTPUT, "safe_value": 9}, "between 0 and 1"),
        ({"direction": Direction.OUTPUT, "event_type": EventType.CMD_BUTTON}, "an output needs a safe_value"),
        ({"direction": Direction.OUTPUT, "safe_value": 0, "event_type": EventType.RANGE}, "a range moves nothing"),
        ({"event_type": EventType.RANGE}, "an input cannot be a range"),
    ],
)
def test_a_channel_that_makes_no_sense_cannot_be_made(fields: dict[str, object], problem: str) -> None:
    good: dict[str, object] = {"id": "a", "name": "A", "unit": "m", "min": 0, "max": 1}
    with pytest.raises(ValueError, match=problem):
        Channel(**(good | fields))  # type: ignore[arg-type]
