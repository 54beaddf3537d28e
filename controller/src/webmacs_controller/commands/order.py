"""A command, or a step of a sequence, as the controller sees it."""

import asyncio
from dataclasses import dataclass
from typing import Self

from webmacs_controller.commands.holds import Holding
from webmacs_controller.configuration.settings import Interlock
from webmacs_controller.measuring.point import Source
from webmacs_controller.transport.protocol import Command


@dataclass(frozen=True, slots=True)
class Order:
    """Set `source` to `value` before the event loop's clock says `deadline`, while the interlocks allow it.

    `interlocks` are those that can be judged here: their source is measured by this controller. Of a sequence, which
    acts by its `holding`, they are those of the configuration. `came` is when it was received, by the same clock.
    """

    id: str
    source: Source
    value: float
    deadline: float
    interlocks: tuple[tuple[Source, Interlock], ...]
    came: float
    holding: Holding | None = None

    @classmethod
    def of(cls, command: Command, delay: float) -> Self:
        """Of its time to live, `delay` seconds are over."""
        source = (command.instance, command.channel)
        own = tuple(
            ((lock.instance, lock.channel), lock) for lock in command.interlocks if lock.instance and lock.channel
        )
        now = asyncio.get_running_loop().time()
        return cls(command.id, source, command.value, now + command.ttl - delay, own, now)
