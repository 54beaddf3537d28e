"""A plugin of many channels, whose device answers at once with noise in every digit: no buffer can pack that."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from webmacs_controller.sdk import BlockingPlugin, Channel, PluginMeta, Sample


@dataclass(frozen=True)
class ChannelsConfig:
    """How many."""

    count: int


class Channels(BlockingPlugin[ChannelsConfig]):
    """Read in a thread, as most devices are."""

    meta = PluginMeta("channels", "Channels", "1.0")
    config_type = ChannelsConfig

    def __init__(self, config: ChannelsConfig) -> None:
        super().__init__(config)
        self._ids = [f"c{number}" for number in range(config.count)]
        self._random = Random().random

    def channels(self) -> Sequence[Channel]:
        """All alike."""
        return [Channel(channel_id, channel_id, "Cel", 0, 1) for channel_id in self._ids]

    def read_blocking(self) -> Sequence[Sample]:
        """Between 0 and 1."""
        return [Sample(channel_id, self._random()) for channel_id in self._ids]
