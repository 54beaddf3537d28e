"""A plugin whose settings can be seen in its values."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from webmacs_controller.sdk import Channel, ConfigError, Plugin, PluginMeta, Sample
from webmacs_controller.sdk.setting import setting


@dataclass(frozen=True)
class RampConfig:
    low: Annotated[int, setting("The first value", ge=0, le=1000)] = 0
    high: Annotated[int, setting("The last value", ge=0, le=1000)] = 9


class Ramp(Plugin[RampConfig]):
    """From `low` to `high`, by one at each reading, and again."""

    meta = PluginMeta("ramp", "Ramp", "1.0")
    config_type = RampConfig

    def __init__(self, config: RampConfig) -> None:
        super().__init__(config)
        if config.low >= config.high:
            raise ConfigError(f"high: must be greater than low, {config.low}, not {config.high}")
        self._count = 0

    def channels(self) -> Sequence[Channel]:
        return [Channel("level", "Level", "m", 0, 10_000)]

    async def read(self) -> Sequence[Sample]:
        value = self.config.low + self._count % (self.config.high - self.config.low + 1)
        self._count += 1
        return [Sample("level", value)]


def install(folder: Path) -> None:
    """What `pip install` would leave of a package with the plugin."""
    package = folder / "ramp-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: ramp\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[webmacs.plugins]\nramp = tests.controller.ramp:Ramp\n")
