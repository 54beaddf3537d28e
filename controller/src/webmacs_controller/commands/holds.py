"""Which outputs are driven by sequences, and when they are not any more."""

import asyncio
from collections.abc import Iterator, Mapping

from webmacs_controller.measuring.loop import Loop
from webmacs_controller.measuring.point import Source


class Holding:
    """Of the sequence `by`, until `lost` says why not. `loops` are its outputs, with what has them at work. `begun` may
    have been moved by it; `taken` are those that somebody has commanded since."""

    def __init__(self, by: str, loops: Mapping[Source, Loop]) -> None:
        self.by = by
        self.loops = loops
        self.begun: set[Source] = set()
        self.taken: set[Source] = set()
        self.lost = ""
        self.ended = asyncio.Event()

    def end(self, why: str) -> None:
        """Nothing is driven any more. The first reason counts."""
        self.lost = self.lost or why
        self.ended.set()


class Holds:
    """At most one holding an output."""

    def __init__(self) -> None:
        self._holdings: dict[Source, Holding] = {}
        self._removed = asyncio.Event()

    def __iter__(self) -> Iterator[Holding]:
        return iter(set(self._holdings.values()))

    def get(self, source: Source) -> Holding | None:
        """What has hold of it."""
        return self._holdings.get(source)

    def add(self, holding: Holding) -> None:
        """All its sources are free."""
        for source, loop in holding.loops.items():
            self._holdings[source] = holding
            loop.safety.driven.add(source[1])

    def remove(self, source: Source) -> None:
        """It is let go."""
        self._holdings.pop(source).loops[source].safety.driven.discard(source[1])
        self._removed.set()

    def command(self, source: Source, value: float) -> None:
        """Somebody has commanded it: what people want counts more than what a sequence does."""
        if holding := self._holdings.get(source):
            holding.taken.add(source)
            holding.end(f"{'/'.join(source)} was commanded to be {value:g}")

    async def until_none(self) -> None:
        """Wait until nothing is held."""
        while self._holdings:
            self._removed.clear()
            await self._removed.wait()
