"""Rows that changed (alarms, commands, log entries, updates): what is notified of them, and what clients get."""

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct
from msgspec.json import Decoder


class Topic(NamedTuple):
    """`rows` is what a message calls them; `query` reads them by their numbers, as JSON text. `only`: the role that is
    told, where not everybody is."""

    rows: str
    query: str
    only: str | None = None


TOPICS = {
    "alarm": Topic("alarms", "select row::text from private.live_alarms(%s) row"),
    "command": Topic("commands", "select row::text from private.live_commands(%s) row"),
    "log": Topic("log_entries", "select row::text from private.live_log_entries(%s) row"),
    "ota": Topic("updates", "select row::text from private.live_updates(%s) row", only="admin"),
}


def topics_for(role: str) -> frozenset[str]:
    """What somebody of this role may be told about."""
    return frozenset(name for name, topic in TOPICS.items() if topic.only in (None, role))


@dataclass(frozen=True, slots=True)
class Change:
    """Rows of a topic, as JSON with commas between, under one number of the stream."""

    n: int
    topic: str
    rows: str

    @property
    def text(self) -> str:
        """The message, as every client gets it."""
        return f'{{"type":"{self.topic}","n":{self.n},"{TOPICS[self.topic].rows}":[{self.rows}]}}'

    @property
    def size(self) -> int:
        """About how much it takes."""
        return len(self.rows)

    def at(self, n: int) -> "Change":
        """The same under another number."""
        return Change(n, self.topic, self.rows)


class Notice(Struct, gc=False):
    """The payload of webmacs_changes; private.announce_changes puts 200 numbers into one at most."""

    topic: Literal["alarm", "command", "log", "ota"]
    ids: Annotated[list[Annotated[int, Meta(ge=1, le=2**63 - 1)]], Meta(max_length=200)]


read_notice = Decoder(Notice).decode
