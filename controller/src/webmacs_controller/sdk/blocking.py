"""The base class of plugins whose driver blocks."""

from abc import abstractmethod
from collections.abc import Sequence

from webmacs_controller.sdk.channel import Sample
from webmacs_controller.sdk.errors import PluginError
from webmacs_controller.sdk.plugin import ConfigT, Plugin
from webmacs_controller.sdk.worker import Worker


class BlockingPlugin(Plugin[ConfigT]):
    """Implement the four methods below; all of them run in one thread of their own, one after the other."""

    def __init__(self, config: ConfigT) -> None:
        super().__init__(config)
        self._worker = Worker(f"plugin {self.meta.id}")

    def connect_blocking(self) -> None:
        """As `Plugin.connect`."""

    @abstractmethod
    def read_blocking(self) -> Sequence[Sample]:
        """As `Plugin.read`."""

    def write_blocking(self, channel_id: str, value: float) -> None:
        """As `Plugin.write`."""
        raise PluginError(f"{self.meta.name} has no outputs, {channel_id} was not set to {value}")

    def disconnect_blocking(self) -> None:
        """As `Plugin.disconnect`."""

    async def connect(self) -> None:
        """Run `connect_blocking` in the plugin's thread."""
        await self._worker.call(self.connect_blocking)

    async def read(self) -> Sequence[Sample]:
        """Run `read_blocking` in the plugin's thread."""
        return await self._worker.call(self.read_blocking)

    async def write(self, channel_id: str, value: float) -> None:
        """Run `write_blocking` in the plugin's thread."""
        await self._worker.call(lambda: self.write_blocking(channel_id, value))

    async def disconnect(self) -> None:
        """Run `disconnect_blocking` in the plugin's thread, then end the thread."""
        try:
            await self._worker.call(self.disconnect_blocking)
        finally:
            self._worker.stop()
