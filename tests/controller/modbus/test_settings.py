"""What is wrong is refused, by name, before anything is connected."""

from typing import Any

import pytest
from webmacs_controller.plugins.modbus.checks import channels_of
from webmacs_controller.sdk import Channel, ConfigError, Direction
from webmacs_controller.sdk.discovery import create

from tests.controller.modbus.making import config, table


@pytest.mark.parametrize(
    ("channel", "settings", "problem"),
    [
        ({}, {"host": ""}, "host: is missing, tcp needs"),
        ({}, {"transport": "rtu"}, "serial_port: is missing, rtu needs"),
        ({}, {"timeout_seconds": 5, "retries": 2}, "timeout_seconds: may be 10 s at most, all tries together"),
        ({"table": "coil"}, {}, r"channels\[0\].type: must be bool"),
        ({"address": 65534, "type": "float64", "min": 0, "max": 1}, {}, r"channels\[0\].address: the last register"),
        ({"type": "int32"}, {"max_registers": 1}, r"max_registers: channels\[0\] is of 2 registers"),
        ({"scale": 0}, {}, r"channels\[0\].scale: must not be 0"),
        ({"type": "float32"}, {}, r"channels\[0\]: a float32 needs min and max"),
        ({"min": 5, "max": 5}, {}, r"channels\[0\]: .*must be below max"),
        ({"direction": "output"}, {}, r"channels\[0\]: .*needs a safe_value"),
        ({"direction": "output", "table": "input_register", "safe_value": 0}, {}, "cannot be an output"),
        ({"direction": "output", "type": "bool", "safe_value": 0}, {}, "a bool in a register cannot be an output"),
        ({"direction": "output", "safe_value": 0, "max": 70000}, {}, "70000 is 70000 in the device"),
        ({"unit_id": 0}, {"transport": "rtu", "serial_port": "/dev/null"}, r"channels\[0\].unit_id: must be 1 to 247"),
        ({"type": "int8"}, {}, r"channels\[0\].type: invalid enum value 'int8'"),
        ({"adress": 1}, {}, r"channels\[0\].adress: unknown setting"),
        ({"address": 65536}, {}, r"channels\[0\].address: .*<= 65535"),
        ({"unit_id": 256}, {}, r"channels\[0\].unit_id: .*<= 255"),
    ],
)
def test_a_wrong_setting_is_named(channel: dict[str, Any], settings: dict[str, Any], problem: str) -> None:
    given = {"host": "127.0.0.1", "channels": [table(**channel)]} | settings
    with pytest.raises(ConfigError, match=rf"^instances\[1\]\.config\..*{problem}"):
        create("modbus", given, "instances[1]")


def test_a_channel_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="names a channel twice: x"):
        create("modbus", {"host": "h", "channels": [table(id="x"), table(id="x")]}, "instances[1]")


@pytest.mark.parametrize(
    ("settings", "low", "high"),
    [
        ({"type": "int16"}, -32768, 32767),
        ({"type": "uint32"}, 0, 2**32 - 1),
        ({"type": "int16", "scale": -0.1}, -3276.7, 3276.8),
        ({"type": "uint16", "min": -5}, -5, 65535),
        ({"type": "bit"}, 0, 1),
        ({"type": "float32", "min": -5, "max": 5}, -5, 5),
    ],
)
def test_a_range_that_is_not_set_is_what_the_device_can_have(settings: dict[str, Any], low: float, high: float) -> None:
    (channel,) = channels_of(config(table(**settings)))
    assert (channel.min, channel.max) == (low, high)


def test_a_channel_is_what_was_set() -> None:
    settings = table(id="v", name="Valve", unit="%", max=100, direction="output", safe_value=10)
    assert channels_of(config(settings)) == [Channel("v", "Valve", "%", 0, 100, Direction.OUTPUT, 10)]
