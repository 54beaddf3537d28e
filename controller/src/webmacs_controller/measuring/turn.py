"""The calls to one plugin, each within a time limit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from webmacs_controller.clock.clock import Clock
from webmacs_controller.measuring.gauge import Gauge
from webmacs_controller.measuring.point import Point
from webmacs_controller.measuring.readings import Readings
from webmacs_controller.safety.outputs import Outputs
from webmacs_controller.sdk import Channel, OutcomeUnknownError, Plugin, PluginError

T = TypeVar("T")

CALL_SECONDS = 30.0
"""A plugin that takes longer for one call has failed."""


LEAST_SECONDS = 5.0
"""A call may take so long, however soon an output has to be safe."""


class TookTooLongError(OutcomeUnknownError):
    """The call was given up. A driver that blocks may still carry it out later."""


class Turn:
    """What may be called while it is one's turn, see `Instance.turn`: calls in a row that nothing comes between."""

    def __init__(
        self,
        name: str,
        plugin: Plugin[Any],
        gauges: Mapping[str, Gauge],
        readings: Readings,
        safety: Outputs,
        clock: Clock,
    ) -> None:
        self.name = name
        self._plugin = plugin
        self._gauges = gauges
        self._readings = readings
        self._safety = safety
        self._clock = clock

    async def connect(self) -> None:
        """Raises whatever the plugin raises, as all of these."""
        await _limited("connecting", self._plugin.connect)

    async def read(self) -> list[Point]:
        """Measure all channels now. A device that takes longer than its outputs may be left alone has failed."""
        samples = await _limited("reading", self._plugin.read, self._limit())
        return self._readings.points(samples, self._clock.now())

    async def alive(self) -> None:
        """Tell the plugin that all is well."""
        await _limited("feeding the watchdog", self._plugin.alive, self._limit())

    def lost(self) -> list[Point]:
        """What is told of a device that does not answer."""
        return self._readings.lost(self._clock.now())

    async def write(self, channel_id: str, value: float) -> None:
        """Set an output. Raises PluginError also if it is none, or `value` is outside its range."""
        raw = self.check_write(channel_id, value)
        why = self._safety.written(channel_id)
        try:
            await _limited("writing", lambda: self._plugin.write(channel_id, raw), self._limit())
        except BaseException:
            if why:  # it was not set, as far as is known
                self._safety.owe(channel_id, why)
            raise

    async def make_safe(self, channel: Channel) -> None:
        """Set an output to its safe value, which is in the device's own terms: no calibration comes between."""
        safe_value = channel.safe_value
        if safe_value is not None:
            await _limited("writing", lambda: self._plugin.write(channel.id, safe_value))

    def check_write(self, channel_id: str, value: float) -> float:
        """What the device would be told. Raises PluginError if `channel_id` is no output, or `value` is outside its
        range, or its time-out has passed."""
        gauge = self._gauges.get(channel_id)
        if gauge is None:
            raise PluginError(f"{self.name} has no output {channel_id!r}")
        if refusal := self._safety.refusal(channel_id):
            raise PluginError(f"{channel_id}: {refusal}")
        return gauge.drive(value)

    def _limit(self) -> float:
        """Of a call that others wait for: an output that has to be safe is one of them."""
        return min(CALL_SECONDS, max(LEAST_SECONDS, self._safety.patience()))

    async def disconnect(self) -> None:
        """Let go of the device."""
        await _limited("disconnecting", self._plugin.disconnect)


async def _limited(what: str, call: Callable[[], Awaitable[T]], seconds: float | None = None) -> T:
    """What others have written can neither end the process nor the task that calls it, as if we had cancelled that;
    nobody knows what it has done before."""
    seconds = CALL_SECONDS if seconds is None else seconds
    limit, task = asyncio.timeout(seconds), asyncio.current_task()
    cancelled = task.cancelling() if task is not None else 0
    try:
        async with limit:
            return await call()
    except TimeoutError:
        if limit.expired():
            raise TookTooLongError(f"{what} took longer than {seconds:g} s") from None
        raise  # the plugin's own
    except asyncio.CancelledError:
        if task is None or task.cancelling() > cancelled:
            raise
        raise OutcomeUnknownError(f"{what} was cancelled by the plugin itself") from None
    except SystemExit as error:
        raise OutcomeUnknownError(f"the plugin wanted to end the process: {error!r}") from None
