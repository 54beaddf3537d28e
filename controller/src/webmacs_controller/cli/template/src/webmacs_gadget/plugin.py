"""The plugin `gadget`: change what is below until it is your device."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated

from webmacs_controller.sdk import Channel, Direction, Plugin, PluginError, PluginMeta, Sample, setting
from webmacs_controller.sdk.lines import Lines

CHANNELS = (
    Channel("temperature", "Temperature", "°C", -20, 120),
    Channel("power", "Power", "%", 0, 100, Direction.OUTPUT, safe_value=0),
)


@dataclass(frozen=True)
class GadgetConfig:
    """How the device is reached."""

    host: Annotated[str, setting("Name or address of the device.", min_length=1)]
    port: Annotated[int, setting("Its TCP port.", ge=1, le=65535)] = 4001


class Gadget(Plugin[GadgetConfig]):
    """Asks a device that answers `temperature?` with `21.5` and `power 30` with `ok`."""

    meta = PluginMeta("gadget", "New gadget", version("webmacs-gadget"), "Measures a temperature and heats.")
    config_type = GadgetConfig

    def __init__(self, config: GadgetConfig) -> None:
        super().__init__(config)
        self._lines = Lines(config.host, config.port)

    def channels(self) -> Sequence[Channel]:
        """The same for every device."""
        return CHANNELS

    def holds(self) -> Collection[str]:
        """It answers one at a time."""
        return [f"the device at {self.config.host}:{self.config.port}"]

    async def connect(self) -> None:
        """Raises PluginError, as all of these."""
        await self._lines.open()

    async def read(self) -> Sequence[Sample]:
        """Everything; outputs as the device has them."""
        return [Sample(channel.id, await self._number(channel.id)) for channel in CHANNELS]

    async def write(self, channel_id: str, value: float) -> None:
        """The device has the value when it says ok."""
        if channel_id != "power":
            raise PluginError(f"{channel_id} cannot be set")
        answer = await self._lines.ask(f"{channel_id} {value:.1f}")
        if answer != "ok":
            raise PluginError(f"the device does not set {channel_id} to {value:g}: {answer}")

    async def disconnect(self) -> None:
        """Harmless without a connection."""
        await self._lines.close()

    async def _number(self, name: str) -> float:
        answer = await self._lines.ask(f"{name}?")
        try:
            return float(answer)
        except ValueError:
            raise PluginError(f"the device gives no number as {name}: {answer!r}") from None
