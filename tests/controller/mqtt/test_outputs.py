"""Outputs: published, and read back from what the device tells."""

import asyncio

import pytest
from webmacs_controller.sdk import OutcomeUnknownError, PluginError

from tests.controller.mqtt.device import connected, present, read_until, values
from tests.controller.mqtt.making import output
from tests.support.mosquitto import Mosquitto


@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_a_device_tells_that_it_has_the_value(shared_broker: Mosquitto, qos: int) -> None:
    channel = output(topic="plant/v1", command_topic="plant/v1/set", qos=qos)
    async with present(shared_broker) as device, connected(shared_broker, channel) as plugin:
        device.answers["plant/v1/set"] = lambda payload: ("plant/v1", payload)
        await plugin.write("valve", 42.5)
        assert values(await plugin.read()) == {"valve": 42.5}
        assert not await device.until_heard("plant/v1/set", "42.5")


async def test_json_goes_out_and_comes_back(shared_broker: Mosquitto) -> None:
    lamp = {"command_payload": '{"state": "{word}"}', "path": "$.state", "unit": "on/off", "max": 1}
    channel = output(id="lamp", topic="plant/lamp", command_topic="plant/lamp/set", **lamp)
    async with present(shared_broker) as device, connected(shared_broker, channel) as plugin:
        device.answers["plant/lamp/set"] = lambda payload: ("plant/lamp", payload)
        for value, word in ((1, "ON"), (0, "OFF")):
            await plugin.write("lamp", value)
            assert values(await plugin.read()) == {"lamp": value}
            await device.until_heard("plant/lamp/set", f'{{"state": "{word}"}}')


async def test_a_device_that_tells_nothing_has_what_the_broker_passed_on(shared_broker: Mosquitto) -> None:
    channel = output(topic="", command_topic="plant/mute/set", retain=True)
    async with connected(shared_broker, channel) as plugin:
        await plugin.write("valve", 30)
        assert values(await plugin.read()) == {"valve": 30}
    async with present(shared_broker) as device, connected(shared_broker, channel) as plugin:
        assert await device.until_heard("plant/mute/set", "30")  # it came later, and the broker had kept it
        await read_until(plugin, lambda samples: values(samples) == {"valve": 30})


async def test_a_device_may_limit_what_it_is_told(shared_broker: Mosquitto) -> None:
    channel = output(topic="plant/v2", command_topic="plant/v2/set")
    async with present(shared_broker) as device, connected(shared_broker, channel, confirm_seconds=0.3) as plugin:
        device.answers["plant/v2/set"] = lambda payload: ("plant/v2", "80")
        await plugin.write("valve", 100)
        assert values(await plugin.read()) == {"valve": 80}


async def test_news_that_crosses_the_command_is_not_taken_for_its_answer(shared_broker: Mosquitto) -> None:
    channel = output(topic="plant/v3", command_topic="plant/v3/set")
    async with present(shared_broker) as device, connected(shared_broker, channel, confirm_seconds=10) as plugin:
        await device.tell("plant/v3", "10")
        await read_until(plugin, bool)
        writing = asyncio.create_task(plugin.write("valve", 20))
        await device.until_heard("plant/v3/set", "20")
        await device.tell("plant/v3", "11")
        await read_until(plugin, lambda samples: values(samples) == {"valve": 11})
        assert not writing.done()
        await device.tell("plant/v3", "20")
        await writing
        assert values(await plugin.read()) == {"valve": 20}


async def test_a_device_that_does_not_answer_may_have_the_value_or_not(shared_broker: Mosquitto) -> None:
    channel = output(topic="plant/v4", command_topic="plant/v4/set")
    async with connected(shared_broker, channel, confirm_seconds=0.2) as plugin:
        with pytest.raises(OutcomeUnknownError, match=r"valve was sent, but plant/v4 says nothing for 0.2 s"):
            await plugin.write("valve", 5)


async def test_what_is_no_output_is_not_sent(shared_broker: Mosquitto) -> None:
    async with connected(shared_broker, output(topic="plant/v5")) as plugin:
        with pytest.raises(PluginError, match=r"nothing is not an output"):
            await plugin.write("nothing", 5)


@pytest.mark.parametrize("frozen", [False, True])
async def test_without_a_broker_nothing_is_set(broker: Mosquitto, frozen: bool) -> None:
    channel = output(topic="", qos=1)
    async with connected(broker, channel, timeout_seconds=0.3, confirm_seconds=0.3) as plugin:
        if frozen:
            broker.freeze()
            with pytest.raises(OutcomeUnknownError, match=f"127.0.0.1:{broker.port} does not confirm"):
                await plugin.write("valve", 5)
        else:
            broker.stop()
            with pytest.raises(PluginError, match=r"the connection to the broker .* was lost"):
                await plugin.write("valve", 5)
