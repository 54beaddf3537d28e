"""Sets outputs to their safe values: one that does not answer takes little of the others' time."""

import asyncio
import logging
from collections.abc import Sequence

from webmacs_controller.measuring.instance import Instance, describe
from webmacs_controller.measuring.point import Point, Source
from webmacs_controller.safety.record import Duty
from webmacs_controller.safety.safeguard import Safeguard
from webmacs_controller.sdk import Channel

log = logging.getLogger(__name__)

ROUND_SECONDS = 3.0
"""Until each output of an instance has been tried once."""

QUICK_SECONDS = 1.0
"""For an output in this first round, if there is so much time for each."""

SLOW_SECONDS = 3.0
"""For one that did not do it in the first round."""


class MakingSafe:
    """Of one instance. All that it does is noted before and after, and logged."""

    def __init__(self, instance: Instance, safeguard: Safeguard) -> None:
        self._instance = instance
        self._safeguard = safeguard
        self._said: dict[str, str] = {}

    async def tell(self) -> None:
        """Which have to be made safe, and why; once. And which need it no longer."""
        safety = self._instance.safety
        untold = safety.untold()
        await self._safeguard.begin([Duty(self._source(key), safe, why) for key, (safe, why) in untold.items()])
        await self._safeguard.end(self._instance.name, safety)

    async def write(self, channels: Sequence[Channel]) -> None:
        """What fails stays owed, to be tried again in a while."""
        await self.tell()
        quick = min(QUICK_SECONDS, ROUND_SECONDS / len(channels))
        late = [channel for channel in channels if await self._fails(channel, quick)]
        failed = [channel for channel in late if await self._fails(channel, SLOW_SECONDS)]
        if failed:
            self._instance.safety.not_made_safe()
        await self.tell()

    def compare(self, points: Sequence[Point]) -> None:
        """What has been read since, with what was written."""
        safety = self._instance.safety
        wrong = safety.compare(points)
        self._said = {channel_id: words for channel_id, words in self._said.items() if channel_id in safety.owed}
        for channel_id, words in wrong.items():
            self._say(channel_id, words)

    async def _fails(self, channel: Channel, seconds: float) -> bool:
        safety = self._instance.safety
        try:
            async with asyncio.timeout(seconds), self._instance.turn() as turn:
                if channel.id in safety.owed:  # and nobody who may has set it since
                    await turn.make_safe(channel)
                    safety.made_safe(channel.id)
        except TimeoutError:
            self._say(channel.id, "the device does not answer in time")
        except Exception as error:  # whatever a plugin raises
            self._say(channel.id, describe(error))
        return channel.id in safety.owed

    def _source(self, channel_id: str) -> Source:
        return self._instance.name, channel_id

    def _say(self, channel_id: str, words: str) -> None:
        """Once, as long as it is the same."""
        if self._said.get(channel_id) != words:
            log.error("%s: %s is not at its safe value: %s", self._instance.name, channel_id, words)
        self._said[channel_id] = words
