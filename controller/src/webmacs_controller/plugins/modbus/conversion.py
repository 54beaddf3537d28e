"""Registers to values and back."""

import math
import struct
from collections.abc import Sequence

from webmacs_controller.plugins.modbus.settings import ChannelSettings, Order, Type

FORMATS: dict[Type, str] = {
    "int16": ">h",
    "uint16": ">H",
    "int32": ">i",
    "uint32": ">I",
    "int64": ">q",
    "uint64": ">Q",
    "float32": ">f",
    "float64": ">d",
}
DIGITS = 15
"""As many decimal digits a float keeps: 3 * 0.1 is to be 0.3."""

SINGLE_DIGITS = (6, 7, 8)
"""Single precision keeps 6 always, and never needs more than 9."""

LARGEST_SINGLE = (2 - 2**-23) * 2.0**127


def width(kind: Type) -> int:
    """How many registers, coils or discrete inputs a value takes."""
    return struct.calcsize(FORMATS[kind]) // 2 if kind in FORMATS else 1


def is_float(kind: Type) -> bool:
    """Whether the device has it as a floating-point number."""
    return kind in ("float32", "float64")


def limits(kind: Type) -> tuple[int, int]:
    """Lowest and highest number that the device can have, of what is no float."""
    if kind in ("bit", "bool"):
        return 0, 1
    bits = 16 * width(kind)
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind.startswith("int") else (0, 2**bits - 1)


def scaled(raw: float, channel: ChannelSettings) -> float:
    """The value of what the device has."""
    if channel.scale == 1 and channel.offset == 0:
        return float(raw)
    return float(f"{raw * channel.scale + channel.offset:.{DIGITS}g}")


def decode(words: Sequence[int], channel: ChannelSettings) -> float:
    """The value in as many registers as the type is wide, or in one coil (0 or 1)."""
    if channel.type == "bool":
        return scaled(words[0] != 0, channel)
    if channel.type == "bit":
        (number,) = struct.unpack(">H", _bytes(words, channel.byte_order, "big"))
        return scaled(number >> channel.bit & 1, channel)
    (raw,) = struct.unpack(FORMATS[channel.type], _bytes(words, channel.byte_order, channel.word_order))
    return scaled(_shortest(raw) if channel.type == "float32" else raw, channel)


def encode(value: float, channel: ChannelSettings) -> list[int]:
    """What to write so that the device has `value`, rounded to what it can have; for a bit or a bool [0] or [1].

    Raises ValueError if the device cannot have it.
    """
    raw = (value - channel.offset) / channel.scale
    if is_float(channel.type):
        return _words(_pack(channel.type, raw), channel)
    number = round(raw)
    low, high = limits(channel.type)
    if not low <= number <= high:
        raise ValueError(f"{value:g} is {number} in the device, which takes {low} to {high}")
    if high == 1:
        if number != raw:
            raise ValueError(f"{value:g} is neither on nor off")
        return [number]
    return _words(_pack(channel.type, number), channel)


def mask(channel: ChannelSettings) -> int:
    """The channel's bit, as it stands in the register."""
    return int.from_bytes((1 << channel.bit).to_bytes(2, "big"), channel.byte_order)


def _shortest(single: float) -> float:
    """The shortest number that is `single` in single precision: a device's 21.3 is not to be 21.299999237060547."""
    if math.isfinite(single):
        for digits in SINGLE_DIGITS:
            short = float(f"{single:.{digits}g}")
            if abs(short) <= LARGEST_SINGLE and struct.pack(">f", short) == struct.pack(">f", single):
                return short
    return single


def _pack(kind: Type, raw: float) -> bytes:
    try:
        return struct.pack(FORMATS[kind], raw)
    except OverflowError:
        raise ValueError(f"{raw:g} is more than a {kind} can be") from None


def _words(data: bytes, channel: ChannelSettings) -> list[int]:
    words = [int.from_bytes(data[start : start + 2], channel.byte_order) for start in range(0, len(data), 2)]
    return words if channel.word_order == "big" else words[::-1]


def _bytes(words: Sequence[int], byte_order: Order, word_order: Order) -> bytes:
    ordered = words if word_order == "big" else words[::-1]
    return b"".join(word.to_bytes(2, byte_order) for word in ordered)
