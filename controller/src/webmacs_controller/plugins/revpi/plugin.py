"""The plugin `revpi`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from webmacs_controller import __version__
from webmacs_controller.plugins.revpi import demo, pictory
from webmacs_controller.plugins.revpi.selection import Line, lines_of
from webmacs_controller.plugins.revpi.settings import RevPiConfig
from webmacs_controller.sdk import BlockingPlugin, Channel, ConfigError, PluginError, PluginMeta, Quality, Sample
from webmacs_controller.sdk.extras import load_driver

if TYPE_CHECKING:
    from webmacs_controller.plugins.revpi.image import Image

MEAL_SECONDS = 1.0
"""Between two feedings of a watchdog that waits for 60 s."""

COMPLAINTS = {
    0x02: "a module is connected that piCtory does not know",
    0x04: "a module is missing that piCtory has configured",
    0x08: "a module has another size than piCtory has configured",
}
"""Bits of the base module's status. The driver does not say which module."""

DOUBTFUL = 0x04 | 0x08


class RevPiPlugin(BlockingPlugin[RevPiConfig]):
    """All inputs and outputs come from one reading of the process image, and each with what its module says of it."""

    meta = PluginMeta(
        id="revpi",
        name="Revolution Pi",
        version=__version__,
        description="Modules of a Revolution Pi: digital, analog, temperature, counters, LEDs, watchdog",
    )
    config_type = RevPiConfig

    def __init__(self, config: RevPiConfig) -> None:
        super().__init__(config)
        self._saved = _load(config.pictory_file)
        self._lines = {line.channel.id: line for line in lines_of(self._saved.devices, config)} if self._saved else {}
        self._image: Image | None = None
        self._status = 0
        self._fed = 0.0

    def channels(self) -> Sequence[Channel]:
        """As piCtory had saved them when the plugin was made; none, if it had saved nothing."""
        return [line.channel for line in self._lines.values()]

    def holds(self) -> Collection[str]:
        """The outputs that are set, and the watchdog; reading the process image disturbs nobody."""
        image = os.path.realpath(self.config.process_image)
        driven = [line.io for line in self._lines.values() if line.channel.safe_value is not None]
        watchdog = [f"the watchdog of {image}"] if self.config.watchdog else []
        return [*(f"the output {io} of {image}" for io in driven), *watchdog]

    def demo_channels(self) -> Sequence[Channel]:
        """Without piCtory, something like it."""
        return self.channels() or demo.CHANNELS

    async def connect(self) -> None:
        """Open the process image, if piCtory has it as the channels say."""
        driver = await load_driver("webmacs_controller.plugins.revpi.image", "revpi")
        await self._worker.call(lambda: self._open(driver.Image))

    def read_blocking(self) -> Sequence[Sample]:
        """All channels."""
        image = self._opened()
        image.refresh()
        self._status = image.status()
        return [_sample(image, line, doubtful=bool(self._status & DOUBTFUL)) for line in self._lines.values()]

    def write_blocking(self, channel_id: str, value: float) -> None:
        """Set an output."""
        line = self._lines.get(channel_id)
        if line is None or line.channel.safe_value is None:
            raise PluginError(f"{channel_id} is not an output that can be set")
        self._opened().write(line, line.signal.number(value))

    async def alive(self) -> None:
        """Feed the watchdog."""
        now = asyncio.get_running_loop().time()
        if self.config.watchdog and now >= self._fed + MEAL_SECONDS:
            self._fed = now
            await self._worker.call(lambda: self._opened().feed())

    def disconnect_blocking(self) -> None:
        """Close the process image."""
        if self._image is not None:
            self._image.close()
        self._image, self._status = None, 0

    def health(self) -> str:
        """What the base module complains of."""
        return "; ".join(words for bit, words in COMPLAINTS.items() if self._status & bit)

    def _open(self, kind: type[Image]) -> None:
        saved = self._check_again()
        self._image = kind(self.config.process_image, saved.path, list(self._lines.values()))

    def _opened(self) -> Image:
        """Raises PluginError also where what is open may no longer be what piCtory has made of it."""
        if self._image is None or self._saved is None:
            raise PluginError("not connected")
        if _stamp(self._saved) != self._saved.stamp:
            raise PluginError("piCtory has saved its configuration anew")
        return self._image

    def _check_again(self) -> pictory.Saved:
        """What was saved anew, without a change, is as good."""
        saved = _load_or_fail(self.config.pictory_file)
        if self._saved is None or saved.content != self._saved.content:
            raise PluginError(
                f"{saved.path} is another one than when this instance began: disable and enable the instance, "
                "so that its channels are those of piCtory"
            )
        self._saved = saved
        return saved


def _load(setting: str) -> pictory.Saved | None:
    """Raises ConfigError for a file that is there and of no use."""
    try:
        path = pictory.place(setting)
        return pictory.load(path) if path else None
    except (OSError, ValueError) as error:
        raise ConfigError(f"pictory_file: cannot be used: {error}") from None


def _load_or_fail(setting: str) -> pictory.Saved:
    try:
        saved = _load(setting)
    except ConfigError as error:
        raise PluginError(str(error)) from None
    if saved is None:
        raise PluginError(f"piCtory has saved nothing at {setting or ' or '.join(pictory.PLACES)}")
    return saved


def _stamp(saved: pictory.Saved) -> pictory.Stamp | None:
    try:
        return pictory.stamp_of(saved.path)
    except OSError:
        return None


def _sample(image: Image, line: Line, *, doubtful: bool) -> Sample:
    number, judge = image.number(line), line.signal.judge
    quality = judge(image.bytes_of(line), number) if judge else Quality.GOOD
    if doubtful and line.module:
        quality = min(quality, Quality.UNCERTAIN)
    return Sample(line.channel.id, line.signal.value(number), quality)
