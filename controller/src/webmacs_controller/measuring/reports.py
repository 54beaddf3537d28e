"""Which values are told to the server."""

from collections.abc import Iterable, Sequence

from webmacs_controller.configuration.settings import ChannelSettings
from webmacs_controller.measuring.point import Point


class OnChange:
    """Of one channel. A value is told when it lies more than `deadband` from the last that was, when its quality is
    another, and in time for never more than `heartbeat` seconds to lie between two, if one is measured every
    `interval` seconds."""

    __slots__ = ("_deadband", "_patience", "_quality", "_told_at", "_value")

    def __init__(self, deadband: float, heartbeat: float, interval: float) -> None:
        self._deadband = deadband
        self._patience = heartbeat - interval
        self._quality = -1  # nothing was told yet
        self._value = self._told_at = 0.0

    def wants(self, value: float, quality: int, now: float) -> bool:
        """Whether this one, measured at `now`, is told. It is the last one then."""
        if (
            abs(value - self._value) <= self._deadband
            and quality == self._quality
            and now - self._told_at <= self._patience
        ):
            return False
        self._value, self._quality, self._told_at = value, quality, now
        return True


class Reports:
    """Of one instance, measured every `interval` seconds: every sample, but for channels that tell changes."""

    def __init__(self, interval: float, channels: Iterable[ChannelSettings]) -> None:
        self._on_change = {
            settings.channel: OnChange(settings.deadband, settings.heartbeat_seconds, interval)
            for settings in channels
            if settings.report == "change"
        }

    def of(self, points: Sequence[Point], now: float) -> Sequence[Point]:
        """Those of `points`, measured at `now`, that are told."""
        if not self._on_change:
            return points
        return [point for point in points if self._is_told(point, now)]

    def _is_told(self, point: Point, now: float) -> bool:
        rule = self._on_change.get(point.source[1])
        return rule is None or rule.wants(point.value, point.quality, now)
