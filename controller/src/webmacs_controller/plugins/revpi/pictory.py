"""What piCtory has saved: the devices of the rail, and where their inputs and outputs lie."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

PLACES = ("/etc/revpi/config.rsc", "/opt/KUNBUS/config.rsc")
"""Where piCtory saves it; the second on older images."""

CONNECTED = "RIGHT"
"""Type of what is plugged to the right of a Connect, which has no place in the process image."""

NUMBER = re.compile(r"-?\d+")

Stamp: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Io:
    """An input or output; `address` is its byte in the device, `bit` one of that byte, or None."""

    name: str
    comment: str
    output: bool
    bits: int
    address: int
    bit: int | None
    exported: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A module, or what takes up space like one. `memory` is how piCtory has set it up: values by address."""

    name: str
    position: int
    product: int
    base: bool
    ios: tuple[Io, ...]
    memory: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Saved:
    """One content of the file. `stamp` tells cheaply whether it is still the same file."""

    path: Path
    content: bytes
    stamp: Stamp
    devices: tuple[Device, ...]


def place(setting: str) -> Path | None:
    """Where the file is; None: nowhere."""
    return next((path for path in map(Path, [setting] if setting else PLACES) if path.exists()), None)


def load(path: Path) -> Saved:
    """Raises OSError, and ValueError for what is no configuration of piCtory."""
    stamp = stamp_of(path)
    content = path.read_bytes()
    return Saved(path, content, stamp, tuple(parse(content)))


def stamp_of(path: Path) -> Stamp:
    """Raises OSError."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def parse(content: bytes) -> list[Device]:
    """Raises ValueError."""
    try:
        return [_device(entry) for entry in json.loads(content)["Devices"] if entry["type"] != CONNECTED]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no configuration of piCtory: {error!r}") from None


def _device(entry: Mapping[str, Any]) -> Device:
    ios = [_io(line, False) for line in _lines(entry["inp"])] + [_io(line, True) for line in _lines(entry["out"])]
    settings = [line for line in _lines(entry["mem"]) if line[7] == "" and NUMBER.fullmatch(line[1])]
    memory = {int(line[3]): int(line[1]) for line in settings}
    base = entry["type"] == "BASE"
    return Device(entry["name"], int(entry["position"]), int(entry["productType"]), base, tuple(ios), memory)


def _lines(part: Mapping[str, Any] | list[Any]) -> Iterable[list[Any]]:
    """An empty part is a list in some versions."""
    return part.values() if isinstance(part, Mapping) else part


def _io(line: list[Any], output: bool) -> Io:
    """A line is [name, default, bits, byte, exported, order, comment, bit]. Bits above 7 lie in the next byte."""
    name, _, bits, byte, exported, _, comment, bit = line[:8]
    address, place = int(byte), None if bit == "" else int(bit)
    if place is not None:
        address, place = address + place // 8, place % 8
    return Io(name, comment, output, int(bits), address, place, bool(exported))
