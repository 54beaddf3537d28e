"""The rules that every plugin keeps, at a real broker."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from webmacs_controller.plugins.mqtt import MqttPlugin
from webmacs_controller.sdk.conformance import PluginConformance

from tests.controller.mqtt.device import present
from tests.controller.mqtt.making import config, output, table
from tests.support.mosquitto import Mosquitto, program


class TestMqtt(PluginConformance):
    broker: Mosquitto

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> Iterator[None]:
        program("mosquitto")
        self.broker = Mosquitto(tmp_path)
        yield
        self.broker.stop()

    def make_plugin(self) -> MqttPlugin:
        channels = table(topic="plant/room", path="$.t"), table(id="plain", max_age_seconds=3600), output(qos=1)
        return MqttPlugin(config(*channels, port=self.broker.port, status_topic="plant/status", client_id="c"))

    @asynccontextmanager
    async def device(self) -> AsyncIterator[None]:
        """Tells its values when the plugin is there, and its valve's position whenever it is moved."""
        self.broker.start()
        async with present(self.broker) as device:
            await device.tell("plant/room", '{"t": 21}', retain=True)
            await device.tell("plant/valve", "0", retain=True)
            device.answers["plant/status"] = lambda _: ("plant/plain", "5")
            device.answers["plant/valve/set"] = lambda payload: ("plant/valve", payload)
            yield
        self.broker.stop()
