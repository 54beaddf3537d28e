"""File names that say what is inside."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from webmacs.export.channels import Channel

UNWANTED = re.compile(r"[^\w.-]+")
LONGEST = 120  # bytes; with all around it a file name has at most 255


def of_channels(channels: Sequence[Channel], begin: datetime | None, end: datetime) -> str:
    """Such as `webmacs_Boiler-1_2026-01-01T0000_2026-02-01T0000`; times in their own zone."""
    what = channels[0].name if len(channels) == 1 else f"{len(channels)}-events"
    return "_".join(["webmacs", plain(what), _time(begin) if begin else "all", _time(end)])


def of_experiment(name: str) -> str:
    """Such as `webmacs_experiment_Drying-7`."""
    return f"webmacs_experiment_{plain(name)}"


def plain(text: str) -> str:
    """The text with nothing in it that a file system would take amiss."""
    return UNWANTED.sub("-", text).encode()[:LONGEST].decode(errors="ignore").strip("-.") or "unnamed"


def disposition(file_name: str) -> str:
    """The header Content-Disposition, for old clients in ASCII too (RFC 6266)."""
    ascii_name = file_name.encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(file_name)}"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H%M%S").removesuffix("00")
