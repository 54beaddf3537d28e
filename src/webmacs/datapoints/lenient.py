"""Frames that the fast way refuses: each point is judged alone, so that one bad point does not cost the others.

Python's own json reads what strict JSON has no word for: NaN, Infinity, and 1e400 as infinity. Such values go on
to the database, which refuses them as not_finite.
"""

import json
from typing import Any
from uuid import UUID

from msgspec import ValidationError, convert

from webmacs.datapoints.frames import MAX_POINTS, Frame, Point, Refusal, TooManyPointsError, frame_of
from webmacs.sockets.errors import FrameError

MALFORMED = "malformed"


def read_leniently(text: str) -> Frame:
    """The frame, with its malformed points named. Raises FrameError if it is no telemetry frame at all."""
    message = _object(text)
    seq = message.get("seq")
    if seq is not None and (not isinstance(seq, int) or isinstance(seq, bool)):
        raise FrameError("bad_seq", "seq must be a whole number.")
    sent = message.get("datapoints")
    if not isinstance(sent, list) or not sent:
        raise FrameError("no_datapoints", "datapoints must be a list of at least one point.", seq)
    if len(sent) > MAX_POINTS:
        raise TooManyPointsError
    return _judged(seq, sent)


def is_uuid(text: str) -> bool:
    """Whether it names an event at all, known or not."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _object(text: str) -> dict[str, Any]:
    try:
        message = json.loads(text)
    except RecursionError:
        raise FrameError("too_deep", "The frame is nested too deeply.") from None
    except ValueError:  # also a number of more digits than Python reads
        raise FrameError("not_json", "The frame is not JSON.") from None
    if not isinstance(message, dict):
        raise FrameError("not_an_object", "The frame must be a JSON object.")
    return message


def _judged(seq: int | None, sent: list[Any]) -> Frame:
    judged = [(index, _point(item), item) for index, item in enumerate(sent)]
    good = [(index, point) for index, point, _ in judged if point]
    frame = frame_of(seq, [point for _, point in good])
    frame.indexes = [index for index, _ in good]
    frame.malformed = [Refusal(index, _public_id(item), MALFORMED) for index, point, item in judged if not point]
    return frame


def _point(item: Any) -> Point | None:
    try:
        point = convert(item, Point)
    except (ValidationError, OverflowError, RecursionError):
        return None
    return point if is_uuid(point.event_public_id) else None


def _public_id(item: Any) -> str:
    """What the client called the event, as far as it did: it is sent back to it."""
    named = item.get("event_public_id") if isinstance(item, dict) else None
    return named[:64].encode("ascii", "replace").decode() if isinstance(named, str) else ""
