"""What becomes a channel, with which unit and range; and what is refused, by name."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from webmacs_controller.plugins.revpi import RevPiConfig, RevPiPlugin
from webmacs_controller.sdk import Channel, ConfigError, Direction, PluginError
from webmacs_controller.sdk.config import read_config
from webmacs_controller.sdk.demo import Demo

from tests.controller.revpi.rail import Rail

DOCUMENT = Path(__file__).parents[3] / "docs/plugins/revpi.md"


def channels(rail: Rail, **settings: Any) -> dict[str, Channel]:
    return {channel.id: channel for channel in rail.plugin(**settings).channels()}


def test_what_pictory_exports_is_a_channel_and_the_driver_s_own_bytes_never_are(rail: Rail) -> None:
    found = channels(rail)
    assert {"door_closed", "I_2", "water_meter", "pump", "PWM_4", "pressure", "RTDValue_2", "AnalogInput_8"} <= set(
        found
    )
    assert not {"Counter_1", "InputStatus_1", "Core_Temperature", "core.a1green", "RevPiLED"} & set(found)
    everything = channels(rail, select="all")
    assert {"Counter_1", "InputStatus_1", "Core_Temperature", "core.a3red", "core.x2in", "Input_32"} <= set(everything)
    assert not {"RevPiLED", "RS485ErrorLimit1"} & set(everything)


@pytest.mark.parametrize(
    ("name", "unit", "low", "high"),
    [
        ("door_closed", "on/off", 0, 1),
        ("water_meter", "counts", 0, 2**32 - 1),
        ("Counter_5", "counts", -(2**31), 2**31 - 1),  # an encoder
        ("PWM_4", "%", 0, 100),
        ("pressure", "mA", 3.8, 20.5),
        ("InputValue_2", "V", 0, 10),
        ("InputValue_3", "V", -10, 10),
        ("InputValue_4", "raw", -32768, 32767),  # scaled in piCtory
        ("RTDValue_1", "°C", -200, 850),
        ("OutputValue_1", "V", 0, 10),
        ("OutputValue_2", "mA", 4, 20),
        ("AnalogInput_1", "V", 0, 10),
        ("AnalogOutput_1", "V", 0, 10),
        ("Core_Temperature", "°C", 0, 255),
        ("Core_Frequency", "MHz", 0, 2550),
        ("Input_1", "raw", 0, 255),
        ("core.a1green", "on/off", 0, 1),
    ],
)
def test_unit_and_range_are_those_of_the_module(rail: Rail, name: str, unit: str, low: float, high: float) -> None:
    channel = channels(rail, select="all")[name]
    assert (channel.unit, channel.min, channel.max, channel.direction) == (unit, low, high, Direction.INPUT)


def test_devices_and_lists_choose_and_only_named_outputs_can_be_set(rail: Rail) -> None:
    assert channels(rail, select="listed", outputs=["pump"], channels=[{"io": "RTDValue_1"}]).keys() == {
        "pump",
        "RTDValue_1",
    }
    found = channels(rail, devices=["RevPi DIO", "33"], outputs=["pump"])
    assert "AnalogInput_1" not in found
    assert [name for name, channel in found.items() if channel.direction is Direction.OUTPUT] == ["pump"]
    assert (found["pump"].name, found["pump"].safe_value) == ("Circulation pump", 0)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"outputs": ["pomp"]}, "outputs[0]: piCtory has no 'pomp' there; it has core.a1green, core.a1red"),
        ({"outputs": ["door_closed"]}, "outputs[0]: piCtory has no 'door_closed'"),
        ({"outputs": ["RevPiLED"]}, "outputs[0]: piCtory has no 'RevPiLED'"),
        (
            {"devices": ["RevPi RO"]},
            "devices[0]: piCtory has no 'RevPi RO' there; it has RevPi Connect V1.0, RevPi DIO",
        ),
        ({"channels": [{"io": "I_99"}]}, "channels[0].io: piCtory has no 'I_99'"),
        ({"channels": [{"io": "I_2"}, {"io": "I_2"}]}, "channels[1].io: I_2 is there twice"),
        ({"channels": [{"io": "pump", "safe_value": 1}]}, "channels[0].safe_value: pump is not one of the outputs"),
        ({"channels": [{"io": "pressure", "scale": 0}]}, "channels[0].scale: must not be 0"),
        ({"outputs": ["OutputValue_2"]}, "an output needs a safe_value between 4.0 and 20.0"),
        ({"outputs": ["PWM_4"], "channels": [{"io": "PWM_4", "max": 200}]}, "PWM_4: the module takes 0 to 100 %"),
    ],
)
def test_what_does_not_fit_the_rail_is_refused_by_name(rail: Rail, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        rail.plugin(**settings)
    assert words in str(refusal.value)


def test_a_base_without_a_watchdog_says_so(rail: Rail) -> None:
    text = rail.pictory.read_text(encoding="utf-8")
    rail.pictory.write_text(text.replace('"productType": "105"', '"productType": "136"'), encoding="utf-8")
    with pytest.raises(ConfigError, match="watchdog: RevPi Connect 4 has none"):
        rail.plugin(watchdog=True)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"Devices": [{}]}', '{"Devices": [{"type": "BASE"}]}'])
def test_a_file_that_is_not_of_pictory_is_refused(rail: Rail, content: str) -> None:
    rail.pictory.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match="pictory_file: cannot be used"):
        rail.plugin()


async def test_without_pictory_there_is_a_demo_and_connecting_says_what_is_missing(rail: Rail) -> None:
    rail.pictory.unlink()
    plugin = rail.plugin(outputs=["pump"])
    demo = Demo(plugin, "seed")
    await demo.connect()
    assert {sample.channel_id for sample in await demo.read()} >= {"I_1", "RTDValue_1", "core.a1green"}
    with pytest.raises(PluginError, match="piCtory has saved nothing at"):
        await plugin.connect()


def test_the_document_s_example_fits_this_rail(rail: Rail) -> None:
    example = DOCUMENT.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    config = tomllib.loads(example)["instances"][0]["config"] | {"pictory_file": str(rail.pictory)}
    found = {channel.id: channel for channel in RevPiPlugin(read_config(RevPiConfig, config, "config")).channels()}
    assert (found["pressure"].unit, found["pressure"].max) == ("bar", 10)
    assert found["core.a1green"].direction is Direction.OUTPUT
