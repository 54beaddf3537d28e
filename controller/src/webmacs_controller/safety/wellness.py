"""When all is well, as a plant engineer would say it: only then are hardware watchdogs fed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LATE_SECONDS = 10.0
"""By which a reading may come later than the interval says."""


@dataclass(frozen=True, slots=True)
class Station:
    """An instance that is to work, or has not let go of its outputs yet. `age`: seconds since it was last read."""

    name: str
    has_outputs: bool
    works: bool
    age: float
    interval: float
    owed: tuple[str, ...] = ()


def complaints(stations: Iterable[Station], disk: Iterable[str]) -> list[str]:
    """What is not well, in words; nothing, if all is. `disk`: what cannot be kept there.

    1. Each instance that has outputs works: its device answers.
    2. It was read in time: at its interval, at most 10 s late.
    3. Each output whose time-out has passed is at its safe value.
    4. The disk takes values and the notes on commands.

    That the event loop turns need not be said: who asks this lives in it. That the server is away does not matter, for
    then outputs are made safe (3).
    """
    return [words for station in stations for words in _of(station)] + list(disk)


def _of(station: Station) -> Iterator[str]:
    if station.has_outputs and not station.works:
        yield f"{station.name}, which has outputs, does not work"
    elif station.has_outputs and station.age > station.interval + LATE_SECONDS:
        yield f"{station.name}, which has outputs, was not read for {station.age:.0f} s"
    for channel_id in station.owed:
        yield f"{station.name}/{channel_id} is not at its safe value"
