"""What one sequence gets of the controller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webmacs_controller.sdk import Plugin
from webmacs_controller.sdk.sequence import SequencePlugin
from webmacs_controller.sdk.services import Hold, Output
from webmacs_controller.sequences.sequences import Sequences


@dataclass(frozen=True, slots=True)
class InstanceServices:
    """See `sdk.services.Services`; `name` is that of the instance."""

    name: str
    sequences: Sequences

    def take(self, outputs: Sequence[Output]) -> Hold:
        return self.sequences.take(self.name, outputs)

    async def remembered(self) -> Mapping[str, float]:
        return await self.sequences.set_points(self.name, self._key())

    async def remember(self, channel_id: str, value: float) -> None:
        await self.sequences.choose(self._key(), channel_id, value)

    def read_soon(self) -> None:
        if loop := self.sequences.loops.get(self.name):
            loop.hurry()

    def _key(self) -> str:
        """What stays when it is renamed."""
        loop = self.sequences.loops.get(self.name)
        return loop.instance.key if loop is not None else self.name


def bind(plugin: Plugin[Any], name: str, sequences: Sequences) -> Plugin[Any]:
    """A sequence gets what it needs of the controller; any other plugin needs nothing."""
    if isinstance(plugin, SequencePlugin):
        plugin.bind(InstanceServices(name, sequences))
    return plugin
