"""Stands in for the controller where a sequence is tested: outputs that take everything."""

import asyncio
from collections.abc import Mapping, Sequence

from webmacs_controller.sdk.services import Hold, Output


class Workbench:
    """`values` are those of the outputs that have been set, `held` those that the sequence has not let go."""

    def __init__(self) -> None:
        self.values: dict[Output, float] = {}
        self.held: set[Output] = set()
        self._set_points: dict[str, float] = {}

    def take(self, outputs: Sequence[Output]) -> Hold:
        """All of them, whenever it likes."""
        self.held.update(outputs)
        return _FreeHold(self, outputs)

    async def remembered(self) -> Mapping[str, float]:
        """In memory."""
        return self._set_points

    async def remember(self, channel_id: str, value: float) -> None:
        """As long as this lasts."""
        self._set_points[channel_id] = value

    def read_soon(self) -> None:
        """Who tests reads anyway."""


class _FreeHold:
    def __init__(self, bench: Workbench, outputs: Sequence[Output]) -> None:
        self._bench = bench
        self._outputs = outputs

    async def set(self, output: Output, value: float) -> None:
        self._bench.values[output] = value

    async def until(self, moment: float) -> None:
        await asyncio.sleep(moment - asyncio.get_running_loop().time())

    async def release(self, *, finished: bool) -> None:
        self._bench.held.difference_update(self._outputs)
