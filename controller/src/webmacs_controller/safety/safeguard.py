"""What the outputs of all instances share: the server that they hang on, notes of them, and whether all is well."""

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from webmacs_controller.measuring.point import Source
from webmacs_controller.safety.outputs import Outputs
from webmacs_controller.safety.record import Duty, Record
from webmacs_controller.safety.tie import Tie
from webmacs_controller.safety.troubles import Troubles

log = logging.getLogger(__name__)

SILENT_SECONDS = 6.0
"""A server that stands and says nothing for so long is lost."""

ASK_SECONDS = 0.5
"""Whether all is well is found out no more often than this."""

MOST_NOTICES = 100


@dataclass(frozen=True, slots=True)
class Heritage:
    """What an earlier process has left. `devices`: when that of each instance was last read. `touched`: it may have
    moved outputs. `overdue`: why all of them have to be made safe that have a time-out; empty: they have not.
    `unfinished`: why single ones have to be. `troubles`: which instances stand back, and why."""

    devices: Mapping[str, float] = field(default_factory=dict)
    touched: bool = False
    overdue: str = ""
    unfinished: Mapping[Source, str] = field(default_factory=dict)
    troubles: Troubles = field(default_factory=Troubles)

    def leave_to(self, instance: str, outputs: Outputs) -> None:
        """The outputs of this instance, whose time-outs are known by now."""
        for (name, channel_id), why in self.unfinished.items():
            if name == instance:
                outputs.owe(channel_id, why)
        for channel_id in outputs.ending() if self.overdue else ():
            outputs.owe(channel_id, self.overdue)


class Safeguard:
    """`server` is heard or lost. `heritage` is for the instances of the beginning. `notices` are for people, to be told
    to the server when it is there. `complaints` says what is not well."""

    def __init__(
        self, server: Tie | None = None, record: Record | None = None, heritage: Heritage | None = None
    ) -> None:
        self.server = server or Tie("the server was not heard")
        self.heritage = heritage or Heritage()
        self.notices: deque[str] = deque(maxlen=MOST_NOTICES)
        self.complaints: Callable[[], list[str]] = list
        self._record = record
        self.begun: set[Source] = set()
        self._noted: dict[Source, Source] = {}  # what has another name on disk than now
        self._told: list[str] | None = None
        self._asked_at = -math.inf

    async def begin(self, duties: Sequence[Duty]) -> None:
        """These outputs go to their safe values now."""
        for duty in duties:
            words = f"{'/'.join(duty.source)} has to go to its safe value {duty.value:g}: {duty.why}"
            log.warning("%s", words)
            self.notices.append(words)
        self.begun.update(duty.source for duty in duties)
        if self._record is not None and duties:
            await self._record.begin(duties)

    async def end(self, instance: str, outputs: Outputs) -> None:
        """Those of that instance that are not owed any more: they are safe, or somebody who may has set them."""
        ended = [source for source in self.begun if source[0] == instance and source[1] not in outputs.owed]
        self.begun.difference_update(ended)
        for source in ended:
            where = "is at its safe value" if outputs.is_safe(source[1]) else "was set to another value"
            log.warning("%s %s", "/".join(source), where)
        if self._record is not None and ended:
            await self._record.end([self._noted.pop(source, source) for source in ended])

    def rename(self, names: Mapping[str, str]) -> None:
        """Instances have other names now, by those that they had."""
        renamed = {source: (names[source[0]], source[1]) for source in self.begun if source[0] in names}
        on_disk = {renamed[source]: self._noted.pop(source, source) for source in renamed}
        self._noted |= on_disk
        self.begun = {renamed.get(source, source) for source in self.begun}

    def is_well(self) -> bool:
        """Whether all is well (`wellness.py`); a change is logged."""
        now = asyncio.get_running_loop().time()
        if now >= self._asked_at + ASK_SECONDS:
            self._asked_at = now
            self._tell(self.complaints())
        return not self._told

    def _tell(self, complaints: list[str]) -> None:
        if complaints and self._told == []:
            log.error("watchdogs are not fed any more: %s", "; ".join(complaints))
        elif complaints and self._told is None:
            log.info("watchdogs are not fed yet: %s", "; ".join(complaints))
        elif self._told and not complaints:
            log.warning("all is well, watchdogs are fed")
        self._told = complaints
