"""Checks what a plugin gives and turns it into points."""

import logging
import math
from collections.abc import Iterable
from datetime import datetime

from webmacs_controller.measuring.point import Point
from webmacs_controller.sdk import Channel, PluginError, Sample, quality

log = logging.getLogger(__name__)


class Readings:
    """Of one instance. A channel that gives NaN or infinity has no value; that is logged when it begins and ends."""

    def __init__(self, instance: str, channels: Iterable[Channel]) -> None:
        self._instance = instance
        self._channels = frozenset(channel.id for channel in channels)
        self._without_value: set[str] = set()

    def points(self, samples: Iterable[Sample], timestamp: datetime) -> list[Point]:
        """All that has a value. Raises PluginError for a channel that the plugin did not declare, or gives twice,
        or gives with a quality that is none."""
        points: dict[str, Point] = {}
        for sample in samples:
            if sample.channel_id not in self._channels or sample.channel_id in points:
                raise PluginError(f"the plugin read {sample.channel_id!r}, which is not a channel of it, or twice")
            if not (isinstance(sample.quality, int) and 0 <= sample.quality <= quality.HIGHEST):
                raise PluginError(f"the plugin gave {sample.channel_id!r} the quality {sample.quality!r}, not 0 to 255")
            if self._has_value(sample):
                source = (self._instance, sample.channel_id)
                points[sample.channel_id] = Point(source, float(sample.value), timestamp, int(sample.quality))
        return list(points.values())

    def _has_value(self, sample: Sample) -> bool:
        finite = math.isfinite(sample.value)
        if finite and sample.channel_id in self._without_value:
            self._without_value.remove(sample.channel_id)
            log.info("%s/%s: gives values again", self._instance, sample.channel_id)
        elif not finite and sample.channel_id not in self._without_value:
            self._without_value.add(sample.channel_id)
            log.warning("%s/%s: gives no value (%s)", self._instance, sample.channel_id, sample.value)
        return finite
