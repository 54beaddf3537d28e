"""Checks what a plugin gives and turns it into points."""

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from webmacs_controller.measuring.gauge import Gauge
from webmacs_controller.measuring.newest import Newest
from webmacs_controller.measuring.point import Point
from webmacs_controller.sdk import PluginError, Sample
from webmacs_controller.sdk.quality import HIGHEST, USABLE, Quality

log = logging.getLogger(__name__)

COMMUNICATION = int(Quality.COMMUNICATION)


class Readings:
    """Of one instance. What has no value any more gives its last one once more, as a bad one, so that nothing stale
    looks alive. `changed` is called when a channel's quality is another than before."""

    def __init__(self, gauges: Mapping[str, Gauge], newest: Newest, changed: Callable[[], None]) -> None:
        self._gauges = gauges
        self._newest = newest
        self._changed = changed

    def points(self, samples: Iterable[Sample], timestamp: datetime) -> list[Point]:
        """Raises PluginError for a channel that the plugin did not declare, or gives twice, or gives with a quality
        that is none."""
        points: list[Point] = []
        left = dict(self._gauges)
        for sample in samples:
            gauge = left.pop(sample.channel_id, None)
            if gauge is None:
                raise PluginError(f"the plugin read {sample.channel_id!r}, which is not a channel of it, or twice")
            quality = sample.quality
            if not (isinstance(quality, int) and 0 <= quality <= HIGHEST):
                raise PluginError(f"the plugin gave {sample.channel_id!r} the quality {quality!r}, not 0 to 255")
            value, quality = gauge.measure(sample.value, quality)
            if quality != gauge.quality or (value is not None) is not gauge.has_value:
                self._note(gauge, quality, value is not None)
            if value is not None:
                points.append(Point(gauge.source, value, timestamp, quality))
            else:
                points += self._last(gauge, quality, timestamp)
        return points

    def lost(self, timestamp: datetime) -> list[Point]:
        """The device cannot be reached: a bad point for each channel whose last one was better."""
        points: list[Point] = []
        for gauge in self._gauges.values():
            if gauge.has_value:
                gauge.quality = COMMUNICATION
            points += self._last(gauge, COMMUNICATION, timestamp)
        return points

    def _last(self, gauge: Gauge, quality: int, timestamp: datetime) -> list[Point]:
        last = self._newest.get(gauge.source, math.inf)
        return [Point(gauge.source, last.value, timestamp, quality)] if last and last.quality >= USABLE else []

    def _note(self, gauge: Gauge, quality: int, has_value: bool) -> None:
        name = "/".join(gauge.source)
        if has_value and gauge.has_value is False:
            log.info("%s: gives values again", name)
        elif not has_value and gauge.has_value is not False:
            log.warning("%s: gives no value", name)
        gauge.quality, gauge.has_value = quality, has_value
        self._changed()
