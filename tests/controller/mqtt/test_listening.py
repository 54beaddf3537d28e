"""What is published becomes values: a real broker, a real device."""

import asyncio
import math

import pytest
from webmacs_controller.plugins.mqtt import MqttPlugin, memory
from webmacs_controller.sdk import PluginError, Quality

from tests.controller.mqtt.device import bad, connected, present, read_until, values
from tests.controller.mqtt.making import config, table
from tests.support.mosquitto import Mosquitto


async def test_topics_with_plain_and_json_payloads_are_values(shared_broker: Mosquitto) -> None:
    channels = (
        table(id="plain"),
        table(id="air", topic="plant/room", path="$.air.t"),
        table(id="wall", topic="plant/room", path="$.walls[1]"),
        table(id="door", on="open", off="shut"),
    )
    async with present(shared_broker) as device, connected(shared_broker, *channels) as plugin:
        assert await plugin.read() == []
        await device.tell("plant/plain", "21.5")
        await device.tell("plant/room", '{"air": {"t": 22}, "walls": [18.5, 19.5]}')
        await device.tell("plant/door", "open")
        samples = await read_until(plugin, lambda samples: len(samples) == 4)
        assert values(samples) == {"plain": 21.5, "air": 22, "wall": 19.5, "door": 1}
        assert values(await plugin.read()) == values(samples)
        assert plugin.health() == ""


async def test_a_message_without_the_path_is_no_news(shared_broker: Mosquitto) -> None:
    channels = (table(id="a", topic="plant/kinds", path="$.a"), table(id="b", topic="plant/kinds", path="$.b"))
    async with present(shared_broker) as device, connected(shared_broker, *channels) as plugin:
        await device.tell("plant/kinds", '{"a": 1}')
        samples = await read_until(plugin, bool)
        assert values(samples) == {"a": 1}
        assert bad(samples) == {"b": Quality.CONFIGURATION}
        assert plugin.health() == "b (plant/kinds): has no $.b"
        await device.tell("plant/kinds", '{"b": 2}')
        samples = await read_until(plugin, lambda samples: not bad(samples))
        assert values(samples) == {"a": 1, "b": 2}
        assert plugin.health() == ""


async def test_a_payload_that_is_no_value_is_bad_until_the_next_that_is(shared_broker: Mosquitto) -> None:
    async with present(shared_broker) as device, connected(shared_broker, table(id="odd")) as plugin:
        for payload, words in ((b"hot", "'hot' is neither a number"), (b"\xff\xff", "is neither JSON nor text")):
            await device.tell("plant/odd", payload)
            samples = await read_until(plugin, lambda samples: bool(bad(samples)))
            assert bad(samples) == {"odd": Quality.CONFIGURATION}
            assert words in plugin.health()
            await device.tell("plant/odd", "7")
            await read_until(plugin, lambda samples: values(samples) == {"odd": 7})


async def test_null_is_no_value(shared_broker: Mosquitto) -> None:
    async with present(shared_broker) as device, connected(shared_broker, table(id="nothing")) as plugin:
        await device.tell("plant/nothing", "null")
        (sample,) = await read_until(plugin, bool)
        assert math.isnan(sample.value)


async def test_a_value_without_news_gets_old(shared_broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> None:
    channels = (table(id="old", max_age_seconds=60), table(id="lasting"))
    async with present(shared_broker) as device, connected(shared_broker, *channels) as plugin:
        await device.tell("plant/old", "5")
        await device.tell("plant/lasting", "6")
        await read_until(plugin, lambda samples: len(samples) == 2)
        loop = asyncio.get_running_loop()
        now = loop.time
        monkeypatch.setattr(loop, "time", lambda: now() + 61)
        samples = await plugin.read()
        assert values(samples) == {"lasting": 6}
        assert [(sample.value, sample.quality) for sample in samples if sample.channel_id == "old"] == [
            (5, Quality.COMMUNICATION)
        ]
        assert plugin.health() == "1 of 2 channels are without news for too long"
        await device.tell("plant/old", "7")
        await read_until(plugin, lambda samples: values(samples) == {"old": 7, "lasting": 6})


async def test_a_retained_value_is_as_old_as_nobody_knows(shared_broker: Mosquitto) -> None:
    async with present(shared_broker) as device:
        await device.tell("plant/kept", "5", retain=True)
        await device.tell("plant/aging", "5", retain=True)
        channels = (table(id="kept"), table(id="aging", max_age_seconds=3600))
        async with connected(shared_broker, *channels) as plugin:
            samples = await read_until(plugin, lambda samples: len(samples) == 2)
            assert values(samples) == {"kept": 5}
            assert bad(samples) == {"aging": Quality.COMMUNICATION}
            await device.tell("plant/aging", "6", retain=True)
            await read_until(plugin, lambda samples: values(samples) == {"kept": 5, "aging": 6})


async def test_many_topics_are_subscribed(shared_broker: Mosquitto) -> None:
    channels = [table(id=f"many{number}") for number in range(50)]
    async with present(shared_broker) as device, connected(shared_broker, *channels) as plugin:
        for number in range(50):
            await device.tell(f"plant/many{number}", str(number))
        samples = await read_until(plugin, lambda samples: len(samples) == 50)
        assert values(samples) == {f"many{number}": number for number in range(50)}


async def test_problems_are_told_but_not_hundreds(shared_broker: Mosquitto) -> None:
    channels = [table(id=f"x{number}", topic="plant/x") for number in range(10)]
    async with present(shared_broker) as device, connected(shared_broker, *channels) as plugin:
        await device.tell("plant/x", "?")
        await read_until(plugin, bool)
        assert plugin.health().count("'?' is neither") == memory.TOLD
        assert plugin.health().endswith("; and 7 more")


async def test_not_connected_is_said() -> None:
    plugin = MqttPlugin(config(table()))
    with pytest.raises(PluginError, match="not connected"):
        await plugin.read()
    assert plugin.health() == ""
