"""The plugin on a device that is a few lines of Python: make it behave as yours does, also when yours misbehaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from webmacs_controller.sdk import PluginError
from webmacs_controller.sdk.conformance import PluginConformance
from webmacs_controller.sdk.conformance.lines import line_device
from webmacs_gadget import Gadget, GadgetConfig


class Device:
    """What is on the other side of the line."""

    def __init__(self) -> None:
        self.values = {"temperature": "21.5", "power": "0.0"}

    def answer(self, line: str) -> str:
        """To one line."""
        name, _, value = line.partition(" ")
        if name == "power" and value:
            self.values["power"] = value
            return "ok"
        return self.values.get(line.removesuffix("?"), "error")


class TestRules(PluginConformance):
    """All that WebMACS asks of a plugin."""

    @asynccontextmanager
    async def device(self) -> AsyncIterator[None]:
        """One for each rule."""
        async with line_device(Device().answer) as self.port:
            yield

    port = 4001

    def make_plugin(self) -> Gadget:
        """As the controller would make it."""
        return Gadget(GadgetConfig("127.0.0.1", self.port))


def test_what_is_no_number_is_told() -> None:
    device = Device()
    device.values["temperature"] = "sensor open"

    async def scenario() -> None:
        async with line_device(device.answer) as port:
            gadget = Gadget(GadgetConfig("127.0.0.1", port))
            await gadget.connect()
            with pytest.raises(PluginError, match="no number as temperature: 'sensor open'"):
                await gadget.read()
            await gadget.disconnect()

    asyncio.run(scenario())
