"""Which requests are made at a reading, so that one that fails takes nothing from the others."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from webmacs_controller.plugins.modbus.conversion import decode
from webmacs_controller.plugins.modbus.faults import Fault, RequestError
from webmacs_controller.plugins.modbus.grouping import Request, halves, words_of
from webmacs_controller.sdk import PluginError, Sample

Ask: TypeAlias = Callable[[Request], Awaitable[Sequence[int]]]

LONGEST_PAUSE = 60.0
"""Seconds, at most, until a request that was not answered is made again; the first time it is one."""

TOLD = 3
"""As many faults are told in words."""


@dataclass(slots=True)
class Poll:
    """One request. It is in doubt until it is answered, be it by an exception, and then not made before `due`."""

    request: Request
    doubtful: bool = True
    asked: float = 0.0
    due: float = 0.0
    failures: int = 0
    fault: Fault | None = None

    def answered(self, fault: Fault | None = None) -> None:
        """With values, or with the device's refusal."""
        self.doubtful, self.failures, self.fault = False, 0, fault

    def failed(self, fault: Fault, now: float) -> None:
        """Not answered."""
        self.due = now + min(2.0**self.failures, LONGEST_PAUSE)
        self.doubtful, self.failures, self.fault = True, self.failures + 1, fault

    def fails_like(self, other: "Poll") -> None:
        """Its device is silent, so it is not asked."""
        self.doubtful, self.failures, self.fault, self.due = True, other.failures, other.fault, other.due


class Poller:
    """Waits, at each reading, in vain for at most one request in doubt, so that the silent do not slow the others."""

    def __init__(self, requests: Sequence[Request], ask: Ask, clock: Callable[[], float] | None = None) -> None:
        self._polls = [Poll(request) for request in requests]
        self._ask = ask
        self._now = clock or asyncio.get_running_loop().time

    async def read(self) -> list[Sample]:
        """All channels that have been asked for, by now. Raises PluginError if nothing is answered at all."""
        values: list[Sample] = []
        silent: dict[int, Poll] = {}
        waited = False
        for poll in self._in_order():
            unit_id, in_doubt = poll.request.unit_id, poll.doubtful
            if unit_id in silent:
                if waited or in_doubt:
                    poll.fails_like(silent[unit_id])
                    continue
                in_doubt = True
            elif in_doubt and (waited or poll.due > self._now()):
                continue
            values += await self._make(poll)
            if poll.doubtful:
                silent[unit_id] = poll
                waited = waited or in_doubt
        if all(poll.doubtful for poll in self._polls):
            raise PluginError(f"nothing is answered: {self.health()}")
        return [*values, *self._without_value()]

    def health(self) -> str:
        """What is not answered, or refused."""
        faults = [f"{poll.request}: {poll.fault.words}" for poll in self._polls if poll.fault is not None]
        more = [f"and {len(faults) - TOLD} more requests"] if len(faults) > TOLD else []
        return "; ".join(faults[:TOLD] + more)

    def _in_order(self) -> list[Poll]:
        """Those first that were answered last time; of the others those that have waited longest."""
        return sorted(self._polls, key=lambda poll: (poll.doubtful, poll.asked))

    async def _make(self, poll: Poll) -> list[Sample]:
        poll.asked = self._now()
        try:
            words = await self._ask(poll.request)
        except RequestError as error:
            return await self._note(poll, error.fault)
        self._is_back(poll)
        poll.answered()
        return _samples(poll.request, words)

    async def _note(self, poll: Poll, fault: Fault) -> list[Sample]:
        if not fault.answered:
            poll.failed(fault, self._now())
            return []
        self._is_back(poll)
        poll.answered(fault)
        return await self._divide(poll) if fault.divisible and len(poll.request.channels) > 1 else []

    async def _divide(self, poll: Poll) -> list[Sample]:
        """Make two requests of one, until the next connection, to find what the device refuses."""
        self._polls.remove(poll)
        parts = [Poll(request, doubtful=False) for request in halves(poll.request)]
        self._polls += parts
        return [sample for part in parts for sample in await self._make(part)]

    def _is_back(self, poll: Poll) -> None:
        """After a silence the device answers again: so it is asked for all."""
        if poll.doubtful:
            for other in self._polls:
                if other.request.unit_id == poll.request.unit_id:
                    other.due = 0.0

    def _without_value(self) -> Iterator[Sample]:
        for poll in self._polls:
            if poll.fault is not None:
                for channel in poll.request.channels:
                    yield Sample(channel.id, float("nan"), poll.fault.quality)


def _samples(request: Request, words: Sequence[int]) -> list[Sample]:
    return [Sample(channel.id, decode(words_of(channel, request, words), channel)) for channel in request.channels]
