"""The base class of every plugin."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from webmacs_controller.sdk.channel import Channel, Sample
from webmacs_controller.sdk.errors import PluginError


@dataclass(frozen=True, slots=True)
class PluginMeta:
    """Who the plugin is. `id` is its entry point's name, `description` one sentence on what it is for; `demo` tells
    that its values are made up."""

    id: str
    name: str
    version: str
    description: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class NoConfig:
    """The configuration of a plugin that has nothing to configure."""


ConfigT = TypeVar("ConfigT")


class Plugin(ABC, Generic[ConfigT]):
    """A device, seen by the controller.

    The controller calls `connect`, then `read` at the instance's interval and `write` as wanted, never two of them at
    once, and `disconnect` at the end; when connecting or reading fails it disconnects, waits and connects again. Any
    exception is a failure; `PluginError` is the one whose message is shown as it is. Nothing here may block the event
    loop: a device with a blocking driver is a `BlockingPlugin`.
    """

    meta: ClassVar[PluginMeta]
    config_type: ClassVar[type[Any]] = NoConfig
    """A frozen dataclass; `Annotated[…, setting(…)]` on its fields gives descriptions and limits."""

    def __init__(self, config: ConfigT) -> None:
        self.config = config

    @abstractmethod
    def channels(self) -> Sequence[Channel]:
        """All channels, always the same; asked before `connect`."""

    def holds(self) -> Collection[str]:
        """What no other instance may have beside this one, as "the serial line /dev/ttyUSB0" or the address of an
        output, in words that all plugins for it use. The controller refuses a second instance that names the same.

        As `channels`: always the same, asked before `connect`, of the settings alone.
        """
        return ()

    async def connect(self) -> None:
        """Make the device ready. May be called again after `disconnect`, also after one that failed."""

    @abstractmethod
    async def read(self) -> Sequence[Sample]:
        """Measure now. At most one sample a channel; a channel without a value now is left out.

        Outputs are read back, as the device has them: that is how somebody who sets one knows that it is set.
        """

    async def write(self, channel_id: str, value: float) -> None:
        """Set an output. `value` is within the channel's range. When this returns, the next `read` shows it."""
        raise PluginError(f"{self.meta.name} has no outputs, {channel_id} was not set to {value}")

    async def alive(self) -> None:
        """Called about twice a second between readings while all is well, here and with all other outputs. A hardware
        watchdog is fed here, and nowhere else: so it starves when something is not, or the controller ends."""

    async def disconnect(self) -> None:
        """Let go of the device. Outputs have been set to their safe values before.

        Called also where connecting has failed; without a connection it does nothing.
        """

    def health(self) -> str:
        """What its owner should know although it works, as "3 of 100 requests were repeated"; empty: all is well.

        Says what is known; asks no device, waits for nothing.
        """
        return ""

    def demo_channels(self) -> Sequence[Channel]:
        """The channels of the demo mode, for a plugin that finds its own only at a device."""
        return self.channels()
