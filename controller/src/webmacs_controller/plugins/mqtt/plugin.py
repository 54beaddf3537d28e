"""The plugin `mqtt`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from webmacs_controller import __version__
from webmacs_controller.plugins.mqtt.checks import channels_of, told_at
from webmacs_controller.plugins.mqtt.memory import Memories
from webmacs_controller.plugins.mqtt.payloads import command, same
from webmacs_controller.plugins.mqtt.settings import ChannelSettings, MqttConfig
from webmacs_controller.sdk import Channel, OutcomeUnknownError, Plugin, PluginError, PluginMeta, Sample
from webmacs_controller.sdk.extras import load_driver

if TYPE_CHECKING:
    from webmacs_controller.plugins.mqtt.broker import Broker


class MqttPlugin(Plugin[MqttConfig]):
    """Listens all the time; a reading is what was heard last."""

    meta = PluginMeta(
        id="mqtt",
        name="MQTT",
        version=__version__,
        description="Sensors and actuators that speak with an MQTT broker",
    )
    config_type = MqttConfig

    def __init__(self, config: MqttConfig) -> None:
        super().__init__(config)
        self._channels = channels_of(config)
        self._outputs = {settings.id: settings for settings in config.channels if settings.direction == "output"}
        self._memories = Memories(config.channels)
        self._news = asyncio.Event()
        self._broker: Broker | None = None

    def channels(self) -> Sequence[Channel]:
        """As they are set."""
        return self._channels

    def holds(self) -> Collection[str]:
        """What is commanded; many may listen."""
        broker = f"{self.config.host.casefold()}:{self.config.port}"
        return {f"the topic {settings.command_topic} at {broker}" for settings in self._outputs.values()}

    async def connect(self) -> None:
        """Connect, listen, and say that we are there. What was heard before counts no more."""
        driver = await load_driver("webmacs_controller.plugins.mqtt.broker", "mqtt")
        self._memories = Memories(self.config.channels)
        broker: Broker = driver.Broker(self.config, self._take, self._news.set)
        self._broker = broker
        topics = self._memories.topics()
        refused = await broker.open(topics)
        if len(refused) == len(topics):
            raise PluginError(f"the broker refuses the subscription to {', '.join(refused[:3])}")
        for topic in refused:
            self._memories.refuse(topic)

    async def read(self) -> Sequence[Sample]:
        """What each topic said last. What is older than its channel allows is bad."""
        self._connection().check()
        return self._memories.samples(_now())

    async def write(self, channel_id: str, value: float) -> None:
        """Publish a command, and wait until the device tells that it has the value."""
        settings = self._outputs.get(channel_id)
        if settings is None:
            raise PluginError(f"{channel_id} is not an output")
        before = self._memories.of[channel_id].news
        await self._connection().publish(
            settings.command_topic, command(value, settings), settings.qos, settings.retain
        )
        await self._confirm(settings, value, before)

    async def disconnect(self) -> None:
        """Say that we leave, and close the connection."""
        broker, self._broker = self._broker, None
        if broker is not None:
            await broker.close()

    def health(self) -> str:
        """Payloads that no value can be made of, refused subscriptions, channels without news."""
        return self._memories.health(_now()) if self._broker is not None else ""

    async def _confirm(self, settings: ChannelSettings, value: float, before: int) -> None:
        """A device that tells another value, as it may round or limit, is asked by the next reading."""
        memory, patience = self._memories.of[settings.id], self.config.confirm_seconds
        try:
            async with asyncio.timeout(patience):
                await self._until(lambda: memory.news > before and same(memory.value, value))
        except PluginError as error:
            raise OutcomeUnknownError(f"{settings.id} was sent, then {error}") from None
        except TimeoutError:
            if memory.news == before:
                words = f"{settings.id} was sent, but {told_at(settings)} says nothing for {patience:g} s"
                raise OutcomeUnknownError(words) from None

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Raises PluginError if the connection is lost meanwhile."""
        while not condition():
            self._connection().check()
            self._news.clear()
            await self._news.wait()

    def _connection(self) -> Broker:
        if self._broker is None:
            raise PluginError("not connected")
        return self._broker

    def _take(self, topic: str, payload: bytes, retained: bool) -> None:
        self._memories.take(topic, payload, _now(), retained)
        self._news.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
