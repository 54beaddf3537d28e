"""The rules that every plugin keeps, at a real server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from webmacs_controller.plugins.modbus import ModbusPlugin
from webmacs_controller.sdk.conformance import PluginConformance

from tests.controller.modbus.device import running
from tests.controller.modbus.making import config
from tests.controller.modbus.test_tcp import ALL


class TestModbus(PluginConformance):
    port = 502

    def make_plugin(self) -> ModbusPlugin:
        return ModbusPlugin(config(*ALL, port=self.port, retries=0))

    @asynccontextmanager
    async def device(self) -> AsyncIterator[None]:
        async with running(1, 2) as line:
            self.port = line.port
            yield
