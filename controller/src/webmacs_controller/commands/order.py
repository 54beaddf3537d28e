"""A command as the controller sees it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from webmacs_controller.measuring.point import Source
from webmacs_controller.transport.protocol import Command, Interlock


@dataclass(frozen=True, slots=True)
class Order:
    """Set `source` to `value` before the event loop's clock says `deadline`, while the interlocks allow it.

    `source` is None where no channel stands behind the event. `interlocks` are those that can be judged here: their
    source event is measured by this controller.
    """

    id: str
    source: Source | None
    value: float
    deadline: float
    interlocks: tuple[tuple[Source, Interlock], ...]

    @classmethod
    def of(cls, command: Command, sources: Mapping[str, Source]) -> Self:
        """`sources` are the channels behind the events. The time to live begins now."""
        locks = command.interlocks
        own = tuple((sources[lock.event_public_id], lock) for lock in locks if lock.event_public_id in sources)
        deadline = asyncio.get_running_loop().time() + command.ttl
        return cls(command.id, sources.get(command.event_public_id), command.value, deadline, own)
