"""The outputs of one instance: which of them have to go to their safe values, and which are there."""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence

from webmacs_controller.measuring.gauge import Gauge
from webmacs_controller.measuring.point import Point
from webmacs_controller.safety.tie import Tie
from webmacs_controller.sdk import Channel
from webmacs_controller.sdk.quality import is_usable

RETRY_SECONDS = 5.0
"""Between tries with an output that does not go to its safe value."""


class Outputs:
    """An output stays as it is for its own time-out (`safe_after_seconds`) after the server was last heard, or its
    device last read; then it goes to its safe value, once, and takes nothing else until both are back.

    `owed` are those that have to be made safe, and why; they stay there until it is done, whatever happens meanwhile.
    `driven` are those that a sequence drives, which needs no server: they do not hang on it. Set points move nothing:
    they are none of these.
    """

    def __init__(self, gauges: Iterable[Gauge], changed: Callable[[], None]) -> None:
        self.owed: dict[str, str] = {}
        self.driven: set[str] = set()
        self.device = Tie("its device was not read")
        self._server = Tie("the server was not heard")
        self._gauges = {gauge.channel.id: gauge for gauge in gauges if gauge.channel.safe_value is not None}
        self._changed = changed
        self._safe: set[str] = set()
        self._progress = asyncio.Event()
        self._ended: dict[str, float] = {}
        self._told: dict[str, str] = {}
        self._retry_at = -math.inf
        self._shortest = math.inf
        self.retuned()

    @property
    def channels(self) -> list[Channel]:
        """All that move something."""
        return [gauge.channel for gauge in self._gauges.values()]

    def bind(self, server: Tie, device_seen_at: float) -> None:
        """From now on they hang on this server and on their device, which was last read then."""
        self._server = server
        self.device.seen_at = device_seen_at

    def retuned(self) -> None:
        """Their time-outs may be others."""
        self._shortest = min((self._patience(gauge) for gauge in self._gauges.values()), default=math.inf)

    def patience(self) -> float:
        """The shortest time-out, in seconds."""
        return self._shortest

    def owe_all(self, why: str) -> None:
        """All have to be made safe, as somebody wants it: nobody need be told."""
        for channel_id in self._gauges:
            self._owe(channel_id, why)
            self._told[channel_id] = why

    def owe(self, channel_id: str, why: str) -> None:
        """This one has to be made safe, if there is one of this name."""
        if channel_id in self._gauges:
            self._owe(channel_id, why)

    def ending(self) -> list[str]:
        """Those that have a time-out; the others stay as they are, whatever is lost."""
        return [channel_id for channel_id, gauge in self._gauges.items() if self._patience(gauge) < math.inf]

    def untold(self) -> dict[str, tuple[float, str]]:
        """Which are owed, with their safe values and the reason, where that was not told since somebody set them."""
        fresh = {key: why for key, why in self.owed.items() if self._told.get(key) != why}
        self._told |= fresh
        return {key: (self._gauges[key].channel.safe_value or 0.0, why) for key, why in fresh.items()}

    def due(self) -> list[Channel]:
        """Those that are to be made safe now."""
        channels = self.owing()
        return channels if asyncio.get_running_loop().time() >= self._retry_at else []

    def owing(self) -> list[Channel]:
        """Those that have to be made safe, also those that did not do it a moment ago."""
        self.look()
        return [self._gauges[channel_id].channel for channel_id in self.owed]

    def next_due(self) -> float:
        """When there will be some, as it looks now."""
        if self.owed:
            return self._retry_at
        if not self._safe and not self.driven:
            return self._soonest()
        ends = (self._ends(gauge)[0] for key, gauge in self._gauges.items() if key not in self._safe)
        return min(ends, default=math.inf)

    def look(self) -> None:
        """Whose time-out has passed, and whose counts anew."""
        now = asyncio.get_running_loop().time() if self._gauges else -math.inf
        if not self._safe and now < self._soonest():
            return
        for channel_id, gauge in self._gauges.items():
            end, tie = self._ends(gauge)
            if now < end:
                self._safe.discard(channel_id)
            elif channel_id not in self._safe and channel_id not in self.owed:
                self._ended[channel_id] = end
                self._owe(channel_id, f"{tie.words} for {self._patience(gauge):g} s")

    def forget(self) -> None:
        """The device is let go. What it does meanwhile nobody knows: it may start anew, with values of its own."""
        self._safe.clear()
        self._retry_at = -math.inf

    def made_safe(self, channel_id: str) -> None:
        """The device has taken the safe value."""
        why = self.owed.pop(channel_id, "")
        self._progress.set()
        self._safe.add(channel_id)
        self._note(channel_id, f"at its safe value: {why}")

    async def until_paid(self, channel_id: str) -> None:
        """Wait until it is not owed any more."""
        while channel_id in self.owed:
            self._progress.clear()
            await self._progress.wait()

    def is_safe(self, channel_id: str) -> bool:
        """Whether it was made safe, and nobody has set it since."""
        return channel_id in self._safe

    def not_made_safe(self) -> None:
        """Some have not: again in a while."""
        self._retry_at = asyncio.get_running_loop().time() + RETRY_SECONDS

    def written(self, channel_id: str) -> str:
        """Somebody who may sets it: it is not at its safe value any more, and need not go there. Why it had to; empty:
        it had not."""
        self._safe.discard(channel_id)
        why = self.owed.pop(channel_id, "")
        self._progress.set()
        self._told.pop(channel_id, None)
        self._note(channel_id, "")
        return why

    def refusal(self, channel_id: str) -> str:
        """Why an output takes nothing but its safe value now; empty if it does."""
        gauge = self._gauges.get(channel_id)
        if gauge is None:
            return ""
        end, tie = self._ends(gauge)
        late = end <= asyncio.get_running_loop().time()
        return f"{tie.words} for {self._patience(gauge):g} s: it takes nothing but its safe value" if late else ""

    def is_overtaken(self, channel_id: str, came: float) -> bool:
        """Whether its time-out has passed since `came`."""
        return came <= self._ended.get(channel_id, -math.inf)

    def compare(self, points: Sequence[Point]) -> dict[str, str]:
        """What the device shows of those that have just been made safe, where that is something else: they are owed
        again."""
        shown = {point.source[1]: point for point in points if is_usable(point.quality)}
        wrong = [key for key in self._safe & shown.keys() if not self._gauges[key].shows_safe_value(shown[key].value)]
        for channel_id in wrong:
            self._safe.discard(channel_id)
            self._owe(channel_id, "it was set to it, and the device shows another value")
        if wrong:
            self.not_made_safe()
        return {key: f"it was set to it, and the device says {shown[key].value:g}" for key in wrong}

    def _soonest(self) -> float:
        """When the first of all is due: the usual question, which must not cost what there are outputs."""
        return min(self._server.ends(self._shortest), self.device.ends(self._shortest))

    def _ends(self, gauge: Gauge) -> tuple[float, Tie]:
        patience = self._patience(gauge)
        server, device = self._server.ends(patience), self.device.ends(patience)
        if server <= device and gauge.channel.id not in self.driven:
            return server, self._server
        return device, self.device

    def _patience(self, gauge: Gauge) -> float:
        seconds = gauge.settings.safe_after_seconds
        return math.inf if seconds is None else seconds

    def _owe(self, channel_id: str, why: str) -> None:
        if channel_id not in self.owed:
            self._retry_at = -math.inf
        self.owed[channel_id] = why
        self._note(channel_id, f"not yet at its safe value: {why}")

    def _note(self, channel_id: str, words: str) -> None:
        gauge = self._gauges.get(channel_id)
        if gauge is not None and gauge.note != words:
            gauge.note = words
            self._changed()
