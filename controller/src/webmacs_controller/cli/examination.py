"""What `check` finds out about one instance by using it."""

import asyncio
from collections.abc import Iterable, Iterator

from webmacs_controller.cli.options import SETTLE_SECONDS
from webmacs_controller.measuring.instance import Instance
from webmacs_controller.measuring.point import Point
from webmacs_controller.sdk.quality import is_good, is_usable, reason

READINGS = 5
"""Some channels have a value only after some; what comes last counts."""

MOST_NAMES = 5


class WrongError(Exception):
    """It answers, but some channels have no value that counts; the message says which."""


async def examine(instance: Instance) -> str:
    """How it is, for people. Raises WrongError, and whatever the plugin raises."""
    points: dict[str, Point] = {}
    async with instance.connected():
        for _ in range(READINGS):
            await asyncio.sleep(SETTLE_SECONDS)
            points |= {point.source[1]: point for point in await instance.read()}
            if points.keys() == instance.channels.keys():
                break
        health = instance.plugin.health()
    meta = instance.plugin.meta
    words = "; ".join([f"{meta.name} {meta.version}, {len(instance.channels)} channels", *_remarks(instance, points)])
    if health:
        words = f"{words}; {health}"
    if all(name in points and is_usable(points[name].quality) for name in instance.channels):
        return words
    raise WrongError(words)


def _remarks(instance: Instance, points: dict[str, Point]) -> Iterator[str]:
    """Channels that are not simply good, by what is the matter."""
    kinds: dict[str, list[str]] = {}
    for name in instance.channels:
        if name not in points:
            kinds.setdefault("no value", []).append(name)
        elif not is_good(points[name].quality):
            kinds.setdefault(reason(points[name].quality), []).append(name)
    for kind, names in kinds.items():
        yield f"{'all' if len(names) == len(instance.channels) else _some(names)}: {kind}"


def _some(names: Iterable[str]) -> str:
    first = list(names)
    more = len(first) - MOST_NAMES
    return ", ".join(first[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
