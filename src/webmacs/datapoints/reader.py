"""A text frame of the telemetry socket: points, or another message."""

from collections.abc import Collection
from typing import Any

from msgspec import DecodeError
from msgspec.json import decode

from webmacs.datapoints.frames import MAX_POINTS, Frame, TooManyPointsError, decoder, frame_of
from webmacs.datapoints.lenient import is_uuid, read_leniently
from webmacs.sockets.errors import FrameError

TELEMETRY = (None, "datapoints")


def read(text: str, known: Collection[str]) -> Frame | dict[str, Any]:
    """A Frame, or a message with a `type`. Raises FrameError or TooManyPointsError.

    What is among the `known` public ids of events needs no check of its form.
    """
    try:
        message = decoder.decode(text)
    except (DecodeError, RecursionError):  # ValidationError is a DecodeError
        return read_leniently(text)
    if message.type not in TELEMETRY:
        return _whole(text)
    if not message.datapoints:
        raise FrameError("no_datapoints", "datapoints must be a list of at least one point.", message.seq)
    if len(message.datapoints) > MAX_POINTS:
        raise TooManyPointsError
    frame = frame_of(message.seq, message.datapoints)
    strangers = set(frame.event_public_ids).difference(known)
    return frame if all(map(is_uuid, strangers)) else read_leniently(text)


def _whole(text: str) -> dict[str, Any]:
    """Every field of a message; the decoder of frames has passed over those that it does not know."""
    try:
        message: dict[str, Any] = decode(text)
    except (DecodeError, RecursionError) as error:
        raise FrameError("bad_message", f"This message is not understood: {str(error)[:200]}") from None
    return message
