"""Payloads to values and back."""

import math
from typing import Any

import msgspec

from webmacs_controller.plugins.mqtt.paths import Path, find
from webmacs_controller.plugins.mqtt.settings import ChannelSettings

LONGEST = 1 << 20
"""Bytes of a payload that is looked at."""

TOLERANCE = 1e-6
"""Relative; a device may tell a value in single precision."""

EXACT = 2.0**53
"""Below it a float tells all integers apart."""


class PayloadError(Exception):
    """A payload that no value can be made of; the message says why."""


class AbsentError(PayloadError):
    """A document that says nothing of the channel: some topics carry several kinds."""


def document_in(payload: bytes) -> Any:
    """What the payload says: JSON if it is some, else its text. Raises PayloadError."""
    if len(payload) > LONGEST:
        raise PayloadError(f"{len(payload)} bytes are too many")
    try:
        return msgspec.json.decode(payload)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        pass
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise PayloadError("is neither JSON nor text") from None


def value_in(document: Any, path: Path | None, channel: ChannelSettings) -> float:
    """The channel's value; NaN for `null`, as the device has none. Raises PayloadError."""
    if path is not None:
        try:
            document = find(document, path)
        except LookupError:
            raise AbsentError(f"has no {channel.path}") from None
    return math.nan if document is None else _number(document, channel)


def command(value: float, channel: ChannelSettings) -> str:
    """The payload that sets an output."""
    number = str(int(value)) if abs(value) < EXACT and value == int(value) else repr(float(value))
    word = channel.on if value else channel.off
    return channel.command_payload.replace("{value}", number).replace("{word}", word)


def same(told: float, wanted: float) -> bool:
    """Whether the device has what was wanted."""
    return math.isclose(told, wanted, rel_tol=TOLERANCE, abs_tol=TOLERANCE)


def _number(found: Any, channel: ChannelSettings) -> float:
    if isinstance(found, str):
        return _of_text(found.strip(), channel)
    if not isinstance(found, int | float):
        raise PayloadError("is an object or a list, not a number")
    try:
        return float(found)
    except OverflowError:
        raise PayloadError("is too large a number") from None


def _of_text(text: str, channel: ChannelSettings) -> float:
    if text == channel.on:
        return 1.0
    if text == channel.off:
        return 0.0
    try:
        return float(text.replace("_", "?"))  # Python's 1_000 is nobody else's
    except ValueError:
        raise PayloadError(f"{text[:40]!r} is neither a number nor {channel.on!r} nor {channel.off!r}") from None
