"""What goes over a controller's socket about commands."""

import json
import time
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, ValidationError, convert
from msgspec.json import encode

from webmacs.sockets.errors import FrameError

MOST_WORDS = 1000


@dataclass
class Heard:
    """What was read last from a controller of what it can name: the frame `seq`, or (None) its hello."""

    seq: int | None = None
    at: float | None = None

    def note(self, seq: int | None) -> None:
        """Read now. A hello counts only if it is the first, as for the controller."""
        if seq is not None or self.at is None:
            self.seq, self.at = seq, time.monotonic()


@dataclass(frozen=True)
class Push:
    """A command for the controller. `ttl`: seconds that it has left when this is made."""

    heard: Heard
    id: UUID
    event: UUID
    instance: str
    channel: str
    value: float
    ttl: float
    interlocks: list[dict[str, Any]]
    made: float = field(default_factory=time.monotonic)

    def text(self) -> str:
        """As it is sent. What it waited for the socket is not there any more; what it waits on the way the controller
        finds out, by what we had heard of it now."""
        now = time.monotonic()
        return json.dumps(
            {
                "type": "command",
                "id": str(self.id),
                "event_public_id": str(self.event),
                "instance": self.instance,
                "channel": self.channel,
                "value": self.value,
                "ttl": max(0.0, self.ttl - (now - self.made)),
                "after_seq": self.heard.seq,
                "after_seconds": now - (self.heard.at or now),
                "interlocks": self.interlocks,
            }
        )


class Result(Struct, frozen=True):
    """What the controller says became of one; `value` is what it read back."""

    id: UUID
    state: Literal["done", "failed", "expired", "outcome_unknown"]
    value: float | None = None
    error: Annotated[str, Meta(max_length=100_000)] | None = None

    @property
    def words(self) -> str | None:
        """`error` as the database takes it: a text column has no zero byte."""
        return self.error and self.error.replace("\0", "")[:MOST_WORDS]


def read_result(message: dict[str, Any]) -> Result:
    """Raises FrameError."""
    try:
        return convert(message, Result)
    except (ValidationError, OverflowError) as error:
        raise FrameError("bad_result", f"This result is not understood: {str(error)[:200]}") from None


def noted(result: Result) -> str:
    """The answer to a result that is stored."""
    return encode({"type": "command_noted", "id": str(result.id)}).decode()
