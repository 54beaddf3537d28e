"""What is known of the channels from the messages so far."""

import math
from collections.abc import Iterable

from webmacs_controller.plugins.mqtt.checks import path_of, told_at
from webmacs_controller.plugins.mqtt.payloads import AbsentError, PayloadError, document_in, value_in
from webmacs_controller.plugins.mqtt.settings import ChannelSettings
from webmacs_controller.sdk import Quality, Sample

TOLD = 3
"""As many problems are told in words."""


class Memory:
    """Of one channel. `news` counts the values; `arrived` is the time of the last, unknown (None) of a retained one."""

    def __init__(self, settings: ChannelSettings) -> None:
        self.settings = settings
        self.news = 0
        self.value = math.nan
        self.problem = ""
        self._path = path_of(settings)
        self._arrived: float | None = None
        self._quality = Quality.GOOD

    def take(self, document: object, now: float, retained: bool) -> None:
        """A message on the channel's topic."""
        try:
            value = value_in(document, self._path, self.settings)
        except AbsentError as error:
            if not self.news:
                self.fail(str(error))
        except PayloadError as error:
            self.fail(str(error))
        else:
            self.value, self._quality, self.problem = value, Quality.GOOD, ""
            self._arrived = None if retained else now
            self.news += 1

    def fail(self, problem: str) -> None:
        """With these settings there is no value."""
        self.value, self._quality, self.problem = math.nan, Quality.CONFIGURATION, problem

    def sample(self, now: float) -> Sample | None:
        """What a reading gives; nothing before anything was heard."""
        if not self.news and not self.problem:
            return None
        return Sample(self.settings.id, self.value, Quality.COMMUNICATION if self.is_stale(now) else self._quality)

    def is_stale(self, now: float) -> bool:
        """Whether the value is, or may be, older than allowed: how old a retained one is, nobody says."""
        if self.settings.max_age_seconds is None or self._quality != Quality.GOOD:
            return False
        return self._arrived is None or now - self._arrived > self.settings.max_age_seconds


class Memories:
    """Of all channels."""

    def __init__(self, channels: Iterable[ChannelSettings]) -> None:
        self.of = {settings.id: Memory(settings) for settings in channels}
        self._at: dict[str, list[Memory]] = {}
        for memory in self.of.values():
            self._at.setdefault(told_at(memory.settings), []).append(memory)

    def topics(self) -> dict[str, int]:
        """Where to listen, each with the quality of service that is wanted there."""
        return {topic: max(memory.settings.qos for memory in memories) for topic, memories in self._at.items()}

    def take(self, topic: str, payload: bytes, now: float, retained: bool) -> None:
        """A message."""
        memories = self._at.get(topic, ())
        try:
            document = document_in(payload)
        except PayloadError as error:
            for memory in memories:
                memory.fail(str(error))
            return
        for memory in memories:
            memory.take(document, now, retained)

    def refuse(self, topic: str) -> None:
        """The broker does not let us listen there."""
        for memory in self._at[topic]:
            memory.fail("the broker refuses the subscription")

    def samples(self, now: float) -> list[Sample]:
        """Of every channel that was heard of."""
        return [sample for memory in self.of.values() if (sample := memory.sample(now)) is not None]

    def health(self, now: float) -> str:
        """What is wrong."""
        problems = [f"{key} ({told_at(memory.settings)}): {memory.problem}" for key, memory in self._wrong()]
        stale = sum(memory.is_stale(now) for memory in self.of.values())
        more = [f"and {len(problems) - TOLD} more"] if len(problems) > TOLD else []
        old = [f"{stale} of {len(self.of)} channels are without news for too long"] if stale else []
        return "; ".join(problems[:TOLD] + more + old)

    def _wrong(self) -> list[tuple[str, Memory]]:
        return [(key, memory) for key, memory in self.of.items() if memory.problem]
