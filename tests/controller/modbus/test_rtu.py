"""The plugin at a real server over a serial line: two pseudo-terminals, joined byte by byte; they know no parity."""

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from pymodbus.pdu import ModbusPDU
from webmacs_controller.plugins.modbus import ModbusPlugin
from webmacs_controller.sdk import PluginError, Quality

from tests.controller.modbus import device
from tests.controller.modbus.device import HOLDING, INPUT, Line, SerialServer
from tests.controller.modbus.making import config, table
from tests.controller.modbus.test_tcp import bad, values

LEVEL = table(id="level", address=0)
NEXT = table(id="next", address=2)
VALVE = table(id="valve", address=4, direction="output", safe_value=0)
OTHER = table(id="other", table="input_register", address=0, type="float32", min=0, max=100, unit_id=2)


@contextmanager
def wire() -> Iterator[tuple[str, str]]:
    """Two serial ports: what is written to one is read from the other."""
    ends = [os.openpty() for _ in range(2)]
    (first, _), (second, _) = ends
    loop = asyncio.get_running_loop()
    for here, there in ((first, second), (second, first)):
        tty.setraw(here)
        loop.add_reader(here, _carry, here, there)
    try:
        yield os.ttyname(ends[0][1]), os.ttyname(ends[1][1])
    finally:
        for master, slave in ends:
            loop.remove_reader(master)
            os.close(master)
            os.close(slave)


def _carry(here: int, there: int) -> None:
    os.write(there, os.read(here, 4096))


@asynccontextmanager
async def connected(*channels: dict[str, Any], **settings: Any) -> AsyncIterator[tuple[ModbusPlugin, Line]]:
    """A plugin at one end, units 1 and 2 at the other."""
    with wire() as (here, there):
        line = Line((1, 2))
        line.server = SerialServer(line, there)
        await line.server.serve_forever(background=True)
        given = {
            "transport": "rtu",
            "serial_port": here,
            "parity": "none",
            "timeout_seconds": 0.4,
            "retries": 0,
        } | settings
        plugin = ModbusPlugin(config(*channels, **given))
        try:
            await plugin.connect()
            yield plugin, line
        finally:
            await plugin.disconnect()
            await line.stop()


async def test_a_line_with_two_units_is_read_and_set() -> None:
    async with connected(LEVEL, VALVE, OTHER) as (plugin, line):
        await line.put(HOLDING, 0, 17)
        await line.put(INPUT, 0, 0x41C8, 0, unit=2)
        assert values(await plugin.read()) == {"level": 17, "valve": 0, "other": 25}
        await plugin.write("valve", 3)
        assert values(await plugin.read()) == {"level": 17, "valve": 3, "other": 25}


async def test_a_unit_that_is_silent_takes_nothing_from_the_others() -> None:
    async with connected(LEVEL, OTHER) as (plugin, line):
        await plugin.read()
        line.behave(device.silent, lambda asked: asked.unit == 1)
        samples = await plugin.read()
        assert values(samples) == {"other": 0}
        assert bad(samples) == {"level": Quality.COMMUNICATION}


@pytest.mark.parametrize("retries", [0, 1])
async def test_an_answer_that_comes_too_late_is_not_taken_for_another(retries: int) -> None:
    async with connected(LEVEL, NEXT, retries=retries) as (plugin, line):
        await line.put(HOLDING, 0, 111)
        await line.put(HOLDING, 2, 222)
        await plugin.read()
        line.behave(device.late(0.6), lambda asked: asked.address == 0)
        assert values(await plugin.read()) == {"next": 222}


async def test_a_safe_value_is_set_after_a_reading_that_was_given_up() -> None:
    async with connected(LEVEL, VALVE, timeout_seconds=0.6) as (plugin, line):
        line.behave(device.late(0.4))
        reading = asyncio.create_task(plugin.read())
        await line.until_asked(lambda asked: asked.address == 0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await plugin.write("valve", 5)
        assert await line.get(HOLDING, 4) == [5]


@pytest.mark.parametrize(
    ("port", "problem"), [("/dev/nothing", "No such file"), ("/dev/null", "Could not configure port")]
)
async def test_what_is_no_serial_port_is_a_failure(port: str, problem: str) -> None:
    plugin = ModbusPlugin(config(LEVEL, transport="rtu", serial_port=port))
    with pytest.raises(PluginError, match=f"{port} cannot be reached: {problem}"):
        await plugin.connect()


async def test_a_port_that_is_taken_is_a_failure() -> None:
    async with connected(LEVEL) as (plugin, _):
        taken = ModbusPlugin(plugin.config)
        with pytest.raises(PluginError, match=r"cannot be reached: .*lock"):
            await taken.connect()
        assert values(await plugin.read()) == {"level": 0}


async def test_noise_on_the_line_is_asked_away() -> None:
    async with connected(LEVEL, retries=1) as (plugin, line):
        await line.put(HOLDING, 0, 9)
        line.behave(noise, lambda _: bool(line.behaviours.pop()))
        assert values(await plugin.read()) == {"level": 9}


def noise(handler: device.Handler, answer: ModbusPDU) -> None:
    """What a bad cable makes of an answer: its check sum is wrong."""
    frame = handler.framer.buildFrame(answer)
    handler.send(frame[:-1] + bytes([frame[-1] ^ 0xFF]))
