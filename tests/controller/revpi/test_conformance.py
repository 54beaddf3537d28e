"""The rules that every plugin keeps, at a process image in a file."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from webmacs_controller.plugins.revpi import RevPiPlugin
from webmacs_controller.sdk.conformance import PluginConformance

from tests.controller.revpi.rail import Rail

OUTPUTS = [
    "pump",
    "PWM_4",
    "OutputValue_1",
    "OutputValue_2",
    "AnalogOutput_8",
    "core.a1green",
    "core.a3red",
    "core.x2out",
]
SAFE = [{"io": "OutputValue_2", "safe_value": 4}]


class TestRevPi(PluginConformance):
    def make_plugin(self) -> RevPiPlugin:
        return self._rail().plugin(outputs=OUTPUTS, channels=SAFE, watchdog=True)

    @asynccontextmanager
    async def device(self) -> AsyncIterator[None]:
        rail = self._rail()
        try:
            yield
        finally:
            rail.lose()

    def _rail(self) -> Rail:
        if not hasattr(self, "_the_rail"):
            self._folder = tempfile.TemporaryDirectory()
            self._the_rail = Rail(Path(self._folder.name))
        return self._the_rail
