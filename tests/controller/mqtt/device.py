"""Devices that talk over a real broker, and the plugin at its other end."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiomqtt import Client
from webmacs_controller.plugins.mqtt import MqttPlugin
from webmacs_controller.sdk import Quality, Sample

from tests.controller.mqtt.making import config
from tests.support.mosquitto import Mosquitto

PATIENCE = 20.0


@dataclass
class Device:
    """Hears all that is published below `plant`; `answers` says what it tells then, by topic."""

    client: Client
    heard: list[tuple[str, str, bool]] = field(default_factory=list)
    answers: dict[str, Callable[[str], tuple[str, str]]] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def tell(self, topic: str, payload: str | bytes, retain: bool = False) -> None:
        """Publish, and wait until the broker has it."""
        await self.client.publish(topic, payload, qos=1, retain=retain)

    async def until_heard(self, topic: str, payload: str) -> bool:
        """Wait for such a message; whether it was retained."""
        async with asyncio.timeout(PATIENCE):
            while not (found := [item for item in self.heard if item[:2] == (topic, payload)]):
                self.news.clear()
                await self.news.wait()
        return found[-1][2]

    async def listen(self) -> None:
        """For ever."""
        async for message in self.client.messages:
            topic, payload = message.topic.value, bytes(message.payload).decode(errors="replace")
            self.heard.append((topic, payload, message.retain))
            self.news.set()
            if topic in self.answers:
                await self.tell(*self.answers[topic](payload))


@asynccontextmanager
async def present(mosquitto: Mosquitto, **login: Any) -> AsyncIterator[Device]:
    """A device that is connected."""
    async with Client("127.0.0.1", mosquitto.port, **login) as client:
        device = Device(client)
        await client.subscribe("plant/#", qos=1)
        listening = asyncio.create_task(device.listen())
        try:
            yield device
        finally:
            while not listening.done():  # in `tell`, wait_for of Python 3.11 may take it for its own and go on
                listening.cancel()
                await asyncio.wait([listening], timeout=0.1)


@asynccontextmanager
async def connected(mosquitto: Mosquitto, *channels: dict[str, Any], **settings: Any) -> AsyncIterator[MqttPlugin]:
    """A plugin that listens."""
    plugin = MqttPlugin(config(*channels, port=mosquitto.port, **settings))
    try:
        await plugin.connect()
        yield plugin
    finally:
        await plugin.disconnect()


def values(samples: Sequence[Sample]) -> dict[str, float]:
    """Of the channels that are good."""
    return {sample.channel_id: sample.value for sample in samples if sample.quality == Quality.GOOD}


def bad(samples: Sequence[Sample]) -> dict[str, int]:
    """The qualities of the others."""
    return {sample.channel_id: sample.quality for sample in samples if sample.quality != Quality.GOOD}


async def read_until(plugin: MqttPlugin, wanted: Callable[[list[Sample]], bool]) -> list[Sample]:
    """Read until that is so: what is published takes its time."""
    async with asyncio.timeout(PATIENCE):
        while not wanted(samples := list(await plugin.read())):  # noqa: ASYNC110 - reading is polling
            await asyncio.sleep(0.005)
    return samples
