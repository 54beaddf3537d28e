"""Values, qualities and outputs at a process image, as the driver would have it."""

import math
from typing import Any

import pytest
from webmacs_controller.sdk import PluginError, Quality

from tests.controller.revpi.conftest import Connect
from tests.controller.revpi.rail import AIO, DIO, LED, MIO, Rail, values

GOOD = Quality.GOOD
ALL: dict[str, Any] = {"select": "all"}


@pytest.mark.parametrize(
    ("at", "form", "number", "channel", "value"),
    [
        (DIO, "B", 0x03, "I_2", 1),
        (DIO + 1, "B", 0x20, "I_14", 1),
        (DIO + 14, "<I", 4_000_000_000, "water_meter", 4e9),
        (DIO + 22, "<i", -5, "Counter_5", -5),
        (AIO, "<h", 4_123, "pressure", 4.123),
        (AIO + 4, "<h", -9_999, "InputValue_3", -9.999),
        (AIO + 6, "<h", -25, "InputValue_4", -25),
        (AIO + 12, "<h", -403, "RTDValue_1", -40.3),
        (MIO + 18, "<H", 3_300, "AnalogInput_1", 3.3),
        (MIO, "B", 0x08, "DigitalInput_4", 1),
        (MIO + 9, "<H", 65_535, "Fpwm_PulseCount_1", 65_535),
        (4, "B", 57, "Core_Temperature", 57),
        (5, "B", 120, "Core_Frequency", 1200),
        (0, "B", 0x41, "core.x2in", 1),
        (LED, "B", 0x02, "core.a1red", 1),
    ],
)
async def test_numbers_become_values(
    rail: Rail, connect: Connect, at: int, form: str, number: int, channel: str, value: float
) -> None:
    rail.put(at, form, number)
    assert (await values(await connect(**ALL)))[channel] == (value, GOOD)


@pytest.mark.parametrize(
    ("at", "form", "number", "channel", "quality"),
    [
        (AIO, "<h", 3_590, "pressure", Quality.SENSOR_FAULT),
        (AIO, "<h", 21_001, "pressure", Quality.SENSOR_FAULT),
        (AIO + 8, "B", 0x80, "pressure", Quality.COMMUNICATION),
        (AIO + 9, "B", 0x02, "InputValue_2", Quality.OUT_OF_RANGE),
        (AIO + 9, "B", 0x20, "InputValue_2", Quality.SENSOR_FAULT),
        (AIO + 16, "B", 0x01, "RTDValue_1", Quality.SENSOR_FAULT),
        (AIO + 18, "B", 0x02, "OutputValue_1", Quality.SENSOR_FAULT),
        (AIO + 19, "B", 0x08, "OutputValue_2", Quality.OUT_OF_RANGE),
        (DIO + 4, "<H", 0x01, "I_2", Quality.COMMUNICATION),
        (DIO + 4, "<H", 0x02, "I_2", Quality.SENSOR_FAULT),
        (DIO + 4, "<H", 0x04, "water_meter", Quality.UNCERTAIN),
        (DIO + 4, "<H", 0x02, "I_9", GOOD),  # it has the other supply
        (DIO + 4, "<H", 0x10, "I_9", Quality.SENSOR_FAULT),
        (DIO + 4, "<H", 0x100, "pump", Quality.COMMUNICATION),
        (DIO + 2, "<H", 0x08, "O_4", Quality.SENSOR_FAULT),
        (DIO + 2, "<H", 0x08, "PWM_4", Quality.SENSOR_FAULT),
        (DIO + 2, "<H", 0x08, "O_3", GOOD),
        (0, "B", 0x05, "InputValue_2", Quality.UNCERTAIN),  # a module is missing, and nobody knows which
        (0, "B", 0x05, "Core_Temperature", GOOD),
    ],
)
async def test_what_modules_say_of_themselves_is_the_quality(
    rail: Rail, connect: Connect, at: int, form: str, number: int, channel: str, quality: Quality
) -> None:
    rail.put(at, form, number)
    assert (await values(await connect(**ALL)))[channel][1] == quality


async def test_outputs_are_written_each_alone_and_looking_on_writes_nothing(rail: Rail, connect: Connect) -> None:
    before = rail.image.read_bytes()
    plugin = await connect(outputs=["O_2", "OutputValue_1", "AnalogOutput_8", "core.a2red", "core.x2out"])
    await plugin.read()
    assert rail.image.read_bytes() == before
    rail.put(DIO + 70, "B", 0x81)  # by another program, while we are connected
    rail.put(LED, "B", 0x83)
    for channel, value in {
        "O_2": 1,
        "OutputValue_1": 7.5,
        "AnalogOutput_8": 10,
        "core.a2red": 1,
        "core.x2out": 1,
    }.items():
        await plugin.write(channel, value)
    assert rail.get(DIO + 70, "B") == 0x83
    assert rail.get(AIO + 20, "<h") == 7_500
    assert rail.get(MIO + 59, "<H") == 10_000
    assert rail.get(LED, "B") == 0x83 | 0x08 | 0x40
    assert (await values(plugin))["core.a2red"] == (1, GOOD)


async def test_what_is_not_picked_cannot_be_set(connect: Connect) -> None:
    plugin = await connect(outputs=["O_2"])
    for channel in ("pump", "door_closed", "core.a1green"):
        with pytest.raises(PluginError, match="is not an output that can be set"):
            await plugin.write(channel, 1)


async def test_a_value_is_scaled_both_ways(rail: Rail, connect: Connect) -> None:
    bar = {"io": "OutputValue_1", "unit": "bar", "scale": 0.0005, "offset": 1, "safe_value": 1}
    plugin = await connect(outputs=["OutputValue_1"], channels=[bar])
    await plugin.write("OutputValue_1", 3.5)
    assert rail.get(AIO + 20, "<h") == 5_000
    assert math.isclose((await values(plugin))["OutputValue_1"][0], 3.5)


async def test_a_base_module_that_complains_is_told(rail: Rail, connect: Connect) -> None:
    plugin = await connect()
    await plugin.read()
    assert plugin.health() == ""
    rail.put(0, "B", 0x07)
    await plugin.read()
    assert plugin.health() == (
        "a module is connected that piCtory does not know; a module is missing that piCtory has configured"
    )


async def test_a_driver_that_stands_still_and_an_image_that_ends_are_failures(rail: Rail, connect: Connect) -> None:
    plugin = await connect()
    rail.lose()
    with pytest.raises(PluginError, match="piControl does not run"):
        await plugin.read()
    rail.image.write_bytes(b"\x01" * 50)
    with pytest.raises(PluginError, match="shorter"):
        await plugin.read()
    await plugin.disconnect()
    rail.image.unlink()
    with pytest.raises(PluginError, match="cannot be opened: No such file"):
        await plugin.connect()


async def test_after_pictory_has_saved_nothing_is_touched_until_the_layout_is_known(
    rail: Rail, connect: Connect
) -> None:
    plugin = await connect(outputs=["O_2"])
    await plugin.write("O_2", 0)
    content = rail.pictory.read_text(encoding="utf-8")
    rail.pictory.write_text(content + "\n", encoding="utf-8")
    with pytest.raises(PluginError, match="saved its configuration anew"):
        await plugin.write("O_2", 1)
    with pytest.raises(PluginError, match="saved its configuration anew"):
        await plugin.read()
    assert rail.get(DIO + 70, "B") == 0
    await plugin.disconnect()
    with pytest.raises(PluginError, match="disable and enable the instance"):
        await plugin.connect()
    rail.pictory.write_text(content, encoding="utf-8")
    await plugin.connect()
    await plugin.read()


async def test_the_watchdog_is_toggled_when_all_is_well_and_only_if_it_is_wanted(rail: Rail, connect: Connect) -> None:
    await (await connect()).alive()
    assert rail.get(LED, "B") == 0
    plugin = await connect(watchdog=True, outputs=["core.a1green"])
    await plugin.write("core.a1green", 1)
    await plugin.read()
    assert rail.get(LED, "B") == 0x01
    await plugin.alive()
    assert rail.get(LED, "B") == 0x81
    await plugin.alive()  # within a second
    assert rail.get(LED, "B") == 0x81
