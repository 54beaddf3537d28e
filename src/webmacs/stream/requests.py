"""What a stream client may say."""

from typing import Annotated
from uuid import UUID

from msgspec import DecodeError, Meta, Struct
from msgspec.json import Decoder

from webmacs.sockets.errors import FrameError
from webmacs.stream.changes import TOPICS

DATAPOINTS = "datapoints"
ALL_TOPICS = frozenset({DATAPOINTS, *TOPICS})


class Ping(Struct, tag="ping"):
    """Answered with pong."""


class Token(Struct, tag="token"):
    """The session's next access token: the socket goes on with it."""

    token: str


class Subscribe(Struct, tag="subscribe"):
    """`events`: these only; `topics`: nothing but these; `max_rate`: messages with values a second, at most;
    `since`: what was missed after this `epoch:n`."""

    events: list[UUID] | None = None
    topics: list[str] | None = None
    max_rate: Annotated[float, Meta(gt=0)] | None = None
    since: Annotated[str, Meta(pattern="^[^:]+:[0-9]{1,18}$")] | None = None

    def wanted(self) -> frozenset[str] | None:
        """The events whose values it wants; None: all."""
        if DATAPOINTS not in self.wanted_topics():
            return frozenset()
        return None if self.events is None else frozenset(map(str, self.events))

    def wanted_topics(self) -> frozenset[str]:
        """What it wants to be told about."""
        return ALL_TOPICS if self.topics is None else frozenset(self.topics)

    def place(self) -> tuple[str, int] | None:
        """The epoch and number of `since`."""
        if self.since is None:
            return None
        epoch, _, n = self.since.rpartition(":")
        return epoch, int(n)


Request = Ping | Token | Subscribe

decoder: Decoder[Request] = Decoder(Request)


def read_request(text: str) -> Request:
    """Raises FrameError."""
    try:
        request = decoder.decode(text)
    except (DecodeError, RecursionError) as error:
        raise FrameError("bad_message", f"This message is not understood: {str(error)[:200]}") from None
    if isinstance(request, Subscribe) and not request.wanted_topics() <= ALL_TOPICS:
        raise FrameError("unknown_topic", f"topics may name {', '.join(sorted(ALL_TOPICS))}, and nothing else.")
    return request
