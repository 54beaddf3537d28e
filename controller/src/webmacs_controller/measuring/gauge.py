"""One channel: from what the device says to the value that is told, and back."""

import math
from collections.abc import Callable

from webmacs_controller.configuration.settings import ChannelSettings
from webmacs_controller.measuring.calibration import Calibration
from webmacs_controller.measuring.point import Source
from webmacs_controller.sdk import Channel, Direction, PluginError
from webmacs_controller.sdk.quality import USABLE, Quality

Conversion = Callable[[float], float]

ROUNDING = 1e-9
"""What calibrating moves a value at the end of its range beyond it, as a part of the range."""

TOLERANCE = 0.01
"""Of its range, by which what an output shows may differ from what it was set to."""

OUT_OF_RANGE = int(Quality.OUT_OF_RANGE)
SENSOR_FAULT = int(Quality.SENSOR_FAULT)


class Gauge:
    """`quality` is that of the newest reading, `has_value` whether it was a number; None before the first. `note` is
    what people have to know of an output beside its value."""

    __slots__ = (
        "_calibrate",
        "_high",
        "_low",
        "_margin",
        "_uncalibrate",
        "channel",
        "has_value",
        "note",
        "quality",
        "settings",
        "source",
    )

    def __init__(self, instance: str, channel: Channel) -> None:
        self.channel = channel
        self.source: Source = (instance, channel.id)
        self.quality = int(Quality.NOT_CONNECTED)
        self.has_value: bool | None = None
        self.note = ""
        self.tune(ChannelSettings(channel=channel.id))

    def tune(self, settings: ChannelSettings) -> None:
        """From now on as `settings` say. Raises ValueError, and all stays as it was."""
        calibrate = Calibration(settings.calibration) if settings.calibration else None
        driven = self.channel.direction is Direction.OUTPUT
        self._uncalibrate: Conversion | None = calibrate.inverse() if calibrate and driven else None
        self._calibrate: Conversion | None = calibrate
        self._low = self.channel.min if settings.min is None else settings.min
        self._high = self.channel.max if settings.max is None else settings.max
        self._margin = ROUNDING * (self._high - self._low) if calibrate else 0.0
        self.settings = settings

    def measure(self, raw: float, quality: int) -> tuple[float | None, int]:
        """The value, if there is one, and its quality."""
        value = self._calibrated(raw)
        if not math.isfinite(value):
            return None, quality if quality < USABLE else SENSOR_FAULT
        if quality > OUT_OF_RANGE and not self._low - self._margin <= value <= self._high + self._margin:
            quality = OUT_OF_RANGE
        return float(value), quality

    def drive(self, value: float) -> float:
        """What the device is to be told for `value`. Raises PluginError for what is no output, or not in its range."""
        if self.channel.direction is not Direction.OUTPUT:
            raise PluginError(f"{self.source[0]} has no output {self.channel.id!r}")
        if self._uncalibrate is None:
            self._check(value, self.channel.min, self.channel.max, self.channel.unit)
            return value
        self._check(value, self._low, self._high, "")
        low, high = self.channel.min, self.channel.max
        raw, margin = self._uncalibrate(value), ROUNDING * (high - low)
        self._check(raw, low - margin, high + margin, f"{self.channel.unit} before calibration")
        return min(max(raw, low), high)

    def shows_safe_value(self, value: float) -> bool:
        """Whether `value`, read back, is the safe value of this output; devices round."""
        safe = self.channel.safe_value
        if safe is None:
            return True
        wanted, low, high = (self._calibrated(raw) for raw in (safe, self.channel.min, self.channel.max))
        return abs(value - wanted) <= TOLERANCE * abs(high - low)

    def _calibrated(self, raw: float) -> float:
        return raw if self._calibrate is None else self._calibrate(raw)

    def _check(self, value: float, low: float, high: float, unit: str) -> None:
        if not low <= value <= high:
            raise PluginError(f"{self.channel.id} takes {low:g} to {high:g} {unit}".rstrip() + f", not {value:g}")
