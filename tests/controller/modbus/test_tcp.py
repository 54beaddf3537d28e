"""The plugin at a real server over TCP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pymodbus.constants import ExcCodes
from webmacs_controller.plugins.modbus import ModbusPlugin
from webmacs_controller.sdk import OutcomeUnknownError, PluginError, Quality, Sample

from tests.controller.modbus import device
from tests.controller.modbus.device import COILS, DISCRETE, HOLDING, INPUT, Asked, Behaviour, Line
from tests.controller.modbus.making import config, table

FLOW = table(id="flow", table="input_register", address=10, type="float32", min=0, max=100)
LEVEL = table(id="level", address=0, type="int16", scale=0.1)
VALVE = table(id="valve", address=1, direction="output", max=100, safe_value=0)
FAR = table(id="far", address=7, unit_id=2)
SPEED = table(id="speed", address=4, type="float32", direction="output", min=0, max=50, safe_value=0)
PUMP = table(id="pump", address=6, type="bit", bit=3, direction="output", safe_value=0)
LAMP = table(id="lamp", table="coil", address=9, type="bool", direction="output", safe_value=0)
DOOR = table(id="door", table="discrete_input", address=11, type="bool")
ALL = (FLOW, LEVEL, VALVE, FAR, SPEED, PUMP, LAMP, DOOR)


@asynccontextmanager
async def connected(line: Line, *channels: dict[str, Any], **settings: Any) -> AsyncIterator[ModbusPlugin]:
    """Short of patience: where a test is for answers, they are there at once."""
    plugin = ModbusPlugin(config(*channels, **{"port": line.port, "timeout_seconds": 0.5, "retries": 0} | settings))
    try:
        await plugin.connect()
        yield plugin
    finally:
        await plugin.disconnect()


def values(samples: Sequence[Sample]) -> dict[str, float]:
    return {sample.channel_id: sample.value for sample in samples if sample.quality == Quality.GOOD}


def bad(samples: Sequence[Sample]) -> dict[str, int]:
    return {sample.channel_id: sample.quality for sample in samples if sample.quality != Quality.GOOD}


def of_holding(asked: Asked) -> bool:
    return asked.function == HOLDING


async def test_all_kinds_are_read_in_few_requests(line: Line) -> None:
    await line.put(INPUT, 10, 0x41C8, 0)
    await line.put(HOLDING, 0, 215, 7)
    await line.put(HOLDING, 4, 0x4120, 0, 0b1000)
    await line.put(HOLDING, 7, 4711, unit=2)
    await line.put(COILS, 9, 1)
    await line.put(DISCRETE, 11, 1)
    async with connected(line, *ALL) as plugin:
        samples = await plugin.read()
    assert values(samples) == {
        "flow": 25, "level": 21.5, "valve": 7, "far": 4711, "speed": 10, "pump": 1, "lamp": 1, "door": 1
    }  # fmt: skip
    assert line.asked == [
        Asked(1, COILS, 9, 1),
        Asked(1, DISCRETE, 11, 1),
        Asked(1, HOLDING, 0, 2),
        Asked(1, HOLDING, 4, 3),
        Asked(1, INPUT, 10, 2),
        Asked(2, HOLDING, 7, 1),
    ]


@pytest.mark.parametrize(
    ("channel", "value", "function"), [("valve", 42, 6), ("speed", 12.5, 16), ("pump", 1, 22), ("lamp", 1, 5)]
)
async def test_an_output_is_set_and_read_back(line: Line, channel: str, value: float, function: int) -> None:
    async with connected(line, *ALL) as plugin:
        await plugin.write(channel, value)
        assert values(await plugin.read())[channel] == value
        await plugin.write(channel, 0)
        assert values(await plugin.read())[channel] == 0
    assert [asked.function for asked in line.asked if asked.function > INPUT] == [function, function]


async def test_a_bit_leaves_the_others_of_its_register(line: Line) -> None:
    await line.put(HOLDING, 6, 0b1010_0101)
    async with connected(line, PUMP) as plugin:
        await plugin.write("pump", 1)
        assert await line.get(HOLDING, 6) == [0b1010_1101]
        await plugin.write("pump", 0)
        assert await line.get(HOLDING, 6) == [0b1010_0101]


async def test_what_is_no_output_is_not_set(line: Line) -> None:
    async with connected(line, *ALL) as plugin:
        for channel in ("level", "nothing"):
            with pytest.raises(PluginError, match=f"{channel} is not an output"):
                await plugin.write(channel, 1)
        with pytest.raises(PluginError, match=r"lamp: 0.5 is neither on nor off"):
            await plugin.write("lamp", 0.5)
    assert line.asked == []


@pytest.mark.parametrize(
    ("behaviour", "quality", "words"),
    [
        (device.refusing(ExcCodes.ILLEGAL_ADDRESS), Quality.CONFIGURATION, "illegal data address (exception 2)"),
        (device.refusing(ExcCodes.ILLEGAL_FUNCTION), Quality.CONFIGURATION, "illegal function (exception 1)"),
        (device.refusing(ExcCodes.DEVICE_FAILURE), Quality.SENSOR_FAULT, "device failure (exception 4)"),
        (device.refusing(ExcCodes.DEVICE_BUSY), Quality.COMMUNICATION, "device busy (exception 6)"),
        (device.refusing(ExcCodes.GATEWAY_NO_RESPONSE), Quality.NOT_CONNECTED, "does not answer (exception 11)"),
        (device.silent, Quality.COMMUNICATION, "no answer"),
        (device.cut, Quality.COMMUNICATION, "the connection was cut"),
        (device.short, Quality.COMMUNICATION, "an answer with 1 values instead of 2"),
        (device.to_another_function, Quality.COMMUNICATION, "an answer to function 4 instead of 3"),
        (device.nonsense, Quality.COMMUNICATION, "an answer that cannot be decoded"),
    ],
)
async def test_a_group_that_fails_is_bad_for_its_reason_and_the_others_have_values(
    line: Line, behaviour: Behaviour, quality: Quality, words: str
) -> None:
    group = LEVEL, VALVE
    async with connected(line, *group, FLOW, FAR, LAMP) as plugin:
        await plugin.read()
        line.behave(behaviour, lambda asked: asked.unit == 1 and asked.function == HOLDING)
        samples = await plugin.read()
        assert bad(samples) == {"level": quality, "valve": quality}
        assert values(samples).keys() == {"flow", "far", "lamp"}
        assert words in plugin.health()


async def test_an_answer_that_comes_too_late_is_not_taken_for_another(line: Line) -> None:
    await line.put(HOLDING, 0, 1, 2, 3)
    async with connected(line, LEVEL, table(id="next", address=2), timeout_seconds=0.4) as plugin:
        await plugin.read()
        line.behave(device.late(0.6), lambda asked: asked.address == 0)
        samples = await plugin.read()
        assert values(samples) == {"next": 3}
        assert bad(samples) == {"level": Quality.COMMUNICATION}


async def test_a_slow_device_is_waited_for(line: Line) -> None:
    line.behave(device.late(0.3))
    async with connected(line, LEVEL, timeout_seconds=2.0) as plugin:
        assert values(await plugin.read()) == {"level": 0}


async def test_what_is_lost_once_is_asked_again(line: Line) -> None:
    async with connected(line, LEVEL, retries=1) as plugin:
        for behaviour in (device.silent, device.cut, device.short, device.nonsense):
            line.behave(behaviour, lambda _: bool(line.behaviours.pop()))
            assert values(await plugin.read()) == {"level": 0}
            assert not line.behaviours


async def test_a_connection_that_was_closed_meanwhile_is_made_again(line: Line) -> None:
    async with connected(line, LEVEL) as plugin:
        await plugin.read()
        await line.stop()
        await line.start()
        await line.put(HOLDING, 0, 50)
        assert values(await plugin.read()) == {"level": 5}


async def test_a_device_that_is_gone_is_a_failure_and_comes_back(line: Line) -> None:
    async with connected(line, LEVEL, VALVE, retries=1) as plugin:
        await line.stop()
        with pytest.raises(PluginError, match=rf"127.0.0.1:{line.port} cannot be reached: Connection refused"):
            await plugin.read()
        await plugin.disconnect()
        with pytest.raises(PluginError, match="cannot be reached"):
            await plugin.connect()
        await plugin.disconnect()
        await line.start()
        await plugin.connect()
        assert values(await plugin.read()) == {"level": 0, "valve": 0}


async def test_a_device_that_is_silent_is_a_failure(line: Line) -> None:
    line.behave(device.silent)
    async with connected(line, LEVEL) as plugin:
        with pytest.raises(PluginError, match="nothing is answered: unit 1, holding registers 0: no answer"):
            await plugin.read()


async def test_a_request_that_is_ignored_does_not_hide_the_others_for_ever(line: Line) -> None:
    line.behave(device.silent, lambda asked: asked.address == 0)
    async with connected(line, LEVEL, SPEED) as plugin:
        with pytest.raises(PluginError):
            await plugin.read()
        await plugin.disconnect()
        await plugin.connect()
        samples = await plugin.read()
        assert values(samples) == {"speed": 0}
        assert bad(samples) == {"level": Quality.COMMUNICATION}


async def test_what_is_refused_is_not_set(line: Line) -> None:
    line.behave(device.refusing(ExcCodes.ILLEGAL_VALUE))
    async with connected(line, VALVE) as plugin:
        with pytest.raises(PluginError, match=r"valve was not set: illegal data value \(exception 3\)") as caught:
            await plugin.write("valve", 1)
    assert not isinstance(caught.value, OutcomeUnknownError)


@pytest.mark.parametrize("behaviour", [device.silent, device.cut])
async def test_whether_something_was_set_is_not_known_without_an_answer(line: Line, behaviour: Behaviour) -> None:
    line.behave(behaviour)
    async with connected(line, VALVE) as plugin:
        with pytest.raises(OutcomeUnknownError, match="whether valve was set is not known"):
            await plugin.write("valve", 1)
    assert await line.get(HOLDING, 1) == [1]


async def test_a_reading_that_is_given_up_leaves_the_connection_usable(line: Line) -> None:
    async with connected(line, LEVEL, VALVE, timeout_seconds=5.0) as plugin:
        line.behave(device.silent, of_holding)
        reading = asyncio.create_task(plugin.read())
        await line.until_asked(of_holding)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        line.behave_well()
        await plugin.write("valve", 0)
        assert values(await plugin.read()) == {"level": 0, "valve": 0}


async def test_an_address_that_never_answers_is_given_up() -> None:
    with socket.socket() as deaf:  # its queue is full: nobody accepts
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            plugin = ModbusPlugin(config(LEVEL, port=port, timeout_seconds=0.2))
            with pytest.raises(PluginError, match="cannot be reached: it took too long"):
                await plugin.connect()
            await plugin.disconnect()


async def test_not_connected_is_said(line: Line) -> None:
    plugin = ModbusPlugin(config(VALVE, port=line.port))
    with pytest.raises(PluginError, match="not connected"):
        await plugin.read()
    with pytest.raises(PluginError, match="not an output of a connected device"):
        await plugin.write("valve", 1)
    await plugin.disconnect()
    assert plugin.health() == ""
