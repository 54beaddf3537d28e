"""The plugin `modbus`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from webmacs_controller import __version__
from webmacs_controller.plugins.modbus.checks import channels_of
from webmacs_controller.plugins.modbus.conversion import encode, mask
from webmacs_controller.plugins.modbus.faults import RequestError
from webmacs_controller.plugins.modbus.grouping import Request, is_register, plan, unit_of
from webmacs_controller.plugins.modbus.holdings import held_by
from webmacs_controller.plugins.modbus.poller import Poller
from webmacs_controller.plugins.modbus.settings import ChannelSettings, ModbusConfig
from webmacs_controller.sdk import Channel, OutcomeUnknownError, Plugin, PluginError, PluginMeta, Sample
from webmacs_controller.sdk.extras import load_driver

if TYPE_CHECKING:
    from webmacs_controller.plugins.modbus.link import Link


class ModbusPlugin(Plugin[ModbusConfig]):
    """Reads the registers of one device, or of several on the same line, in few requests."""

    meta = PluginMeta(
        id="modbus",
        name="Modbus",
        version=__version__,
        description="Devices that speak Modbus, over TCP or a serial line (RTU)",
    )
    config_type = ModbusConfig

    def __init__(self, config: ModbusConfig) -> None:
        super().__init__(config)
        self._channels = channels_of(config)
        self._settings = {settings.id: settings for settings in config.channels}
        self._requests = plan(config)
        self._connections = 0
        self._link: Link | None = None
        self._poller: Poller | None = None

    def channels(self) -> Sequence[Channel]:
        """As they are set."""
        return self._channels

    def holds(self) -> Collection[str]:
        """A serial line; over a network, which takes several connections, what is driven."""
        return held_by(self.config)

    async def connect(self) -> None:
        """Open the connection; whether devices answer, the first reading tells."""
        driver = await load_driver("webmacs_controller.plugins.modbus.link", "modbus")
        link: Link = driver.Link(self.config)
        self._link, self._poller = link, Poller(self._rotated(), link.read)
        await link.open()

    async def read(self) -> Sequence[Sample]:
        """All that the devices answer. What they refuse, or leave without an answer, is bad and says why."""
        if self._poller is None:
            raise PluginError("not connected")
        return await self._poller.read()

    async def write(self, channel_id: str, value: float) -> None:
        """Set a coil, registers or one bit of a register."""
        settings = self._settings.get(channel_id)
        if settings is None or settings.direction != "output" or self._link is None:
            raise PluginError(f"{channel_id} is not an output of a connected device")
        try:
            await _write(self._link, settings, unit_of(settings, self.config.unit_id), value)
        except ValueError as error:
            raise PluginError(f"{channel_id}: {error}") from None
        except RequestError as error:
            if error.fault.answered:
                raise PluginError(f"{channel_id} was not set: {error}") from None
            raise OutcomeUnknownError(f"whether {channel_id} was set is not known: {error}") from None

    async def disconnect(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.close()
        self._link = self._poller = None

    def _rotated(self) -> list[Request]:
        """Each connection begins with another request: one that the device ignores must not hide the others."""
        first = self._connections % len(self._requests)
        self._connections += 1
        return self._requests[first:] + self._requests[:first]

    def health(self) -> str:
        """What the devices refuse or do not answer."""
        return self._poller.health() if self._poller is not None else ""


async def _write(link: Link, settings: ChannelSettings, unit_id: int, value: float) -> None:
    """Raises ValueError, RequestError, PluginError."""
    words = encode(value, settings)
    if not is_register(settings.table):
        await link.write_coil(unit_id, settings.address, bool(words[0]))
    elif settings.type == "bit":
        await link.write_masked(unit_id, settings.address, mask(settings), bool(words[0]))
    else:
        await link.write_registers(unit_id, settings.address, words)
