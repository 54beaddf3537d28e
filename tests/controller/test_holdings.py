"""Which instances of the plugins that ship would be two on one device."""

from pathlib import Path
from typing import Any

import pytest
from webmacs_controller.configuration.holdings import second_holders
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.plugins.modbus import ModbusPlugin
from webmacs_controller.plugins.mqtt import MqttPlugin
from webmacs_controller.sdk import Plugin
from webmacs_controller.sdk.demo import in_demo_mode

from tests.controller.modbus import making as modbus
from tests.controller.mqtt import making as mqtt
from tests.controller.revpi.rail import Rail

OUTPUT = modbus.table(direction="output", safe_value=0, type="int32", address=4)
INPUT = modbus.table(type="int32", address=4)


def refused(*plugins: Plugin[Any]) -> str:
    """Why the last of them cannot be."""
    return second_holders(Instance(str(n), plugin, 1) for n, plugin in enumerate(plugins)).get(
        str(len(plugins) - 1), ""
    )


def test_one_serial_line_under_two_names(tmp_path: Path) -> None:
    line, link = tmp_path / "ttyUSB0", tmp_path / "by-id"
    line.touch()
    link.symlink_to(line)
    plugins = [
        ModbusPlugin(modbus.config(INPUT, transport="rtu", serial_port=str(path), unit_id=unit))
        for unit, path in ((1, line), (2, link))
    ]
    assert refused(*plugins) == f"config: the serial line {line} is held by the instance '0'"
    assert refused(plugins[0], in_demo_mode(plugins[1], "")) == ""


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ((INPUT, {}), ""),
        ((OUTPUT, {"unit_id": 2}), ""),
        ((OUTPUT, {"port": 503}), ""),
        ((OUTPUT | {"address": 6}, {}), ""),
        ((OUTPUT, {"host": "PUMP"}), "holding register 4 of unit 1 at pump:502 and 1 more"),
        ((OUTPUT | {"address": 5}, {}), "holding register 5 of unit 1 at pump:502"),
        ((OUTPUT | {"type": "bit", "bit": 3, "address": 5}, {}), "holding register 5 of unit 1 at pump:502"),
    ],
)
def test_over_a_network_a_register_is_driven_by_one(
    second: tuple[dict[str, Any], dict[str, Any]], problem: str
) -> None:
    channel, settings = second
    plugins = [
        ModbusPlugin(modbus.config(OUTPUT, host="pump")),
        ModbusPlugin(modbus.config(channel, **{"host": "pump"} | settings)),
    ]
    assert refused(*plugins) == (problem and f"config: {problem} is held by the instance '0'")


def test_a_topic_is_commanded_by_one() -> None:
    first, second = (MqttPlugin(mqtt.config(mqtt.output(id=name))) for name in ("valve", "other"))
    assert refused(first, second) == "config: the topic plant/valve/set at 127.0.0.1:1883 is held by the instance '0'"
    assert refused(first, MqttPlugin(mqtt.config(mqtt.table(topic="plant/valve")))) == ""


def test_an_output_of_a_rail_and_its_watchdog_belong_to_one(tmp_path: Path) -> None:
    rail = Rail(tmp_path)
    first = rail.plugin(outputs=["pump"], watchdog=True)
    assert refused(first, rail.plugin()) == ""
    assert f"the output pump of {rail.image} is held" in refused(first, rail.plugin(outputs=["pump"]))
    assert f"the watchdog of {rail.image} is held" in refused(first, rail.plugin(watchdog=True))
