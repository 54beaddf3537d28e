"""A device with outputs that fail in every way."""

import asyncio
from collections.abc import Sequence

from webmacs_controller.sdk import Channel, Direction, Plugin, PluginError, PluginMeta, Sample


class Rack(Plugin[None]):
    """Outputs `a` and `b`, safe at 0 and 1. `silent` ones never answer a write, `stuck` ones refuse it; while `away` is
    set nothing works."""

    meta = PluginMeta("rack", "Rack", "1.0")

    def __init__(self) -> None:
        super().__init__(None)
        self.outputs = {"a": 50.0, "b": 50.0}
        self.writes: list[tuple[float, str, float]] = []
        self.silent: set[str] = set()
        self.stuck: set[str] = set()
        self.away = False
        self.held = asyncio.Event()
        self.held.set()

    def channels(self) -> Sequence[Channel]:
        return [Channel(key, key, "%", 0, 100, Direction.OUTPUT, number) for number, key in enumerate("ab")]

    async def connect(self) -> None:
        self._answer()

    async def read(self) -> Sequence[Sample]:
        await self.held.wait()
        self._answer()
        return [Sample(key, value) for key, value in self.outputs.items()]

    async def write(self, channel_id: str, value: float) -> None:
        self._answer()
        if channel_id in self.silent:
            await asyncio.Event().wait()
        if channel_id in self.stuck:
            raise PluginError("the valve is stuck")
        self.outputs[channel_id] = value
        self.writes.append((asyncio.get_running_loop().time(), channel_id, value))

    def _answer(self) -> None:
        if self.away:
            raise PluginError("no answer")
