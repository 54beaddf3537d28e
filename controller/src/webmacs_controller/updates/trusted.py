"""What is known here of who may sign, and of what was signed last: it only goes forward.

It is one file, so that after a power cut there is the one before or the one after.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from webmacs_controller.files import replace_private
from webmacs_controller.updates.errors import BundleError, Reason


class Trusted(msgspec.Struct, frozen=True):
    """`metadata`: of the newest bundle that was taken, by role, each as it was signed; `contents`, by version, of what
    was taken; `seen`: it is later than this, whatever the clock says."""

    metadata: dict[str, str] = {}
    contents: dict[str, str] = {}
    seen: datetime | None = None


def load_trusted(path: Path) -> Trusted:
    """Nothing, where nothing was taken yet. Raises BundleError: to go on with none would take what is old."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Trusted)
    except FileNotFoundError:
        return Trusted()
    except msgspec.MsgspecError as error:
        raise BundleError(Reason.WRONG_SIGNATURE, f"{path} is damaged: {error}.") from None


def save_trusted(path: Path, trusted: Trusted) -> None:
    """Raises OSError."""
    replace_private(path, msgspec.json.format(msgspec.json.encode(trusted)))


def version_of(metadata: str | bytes | None) -> int:
    """That of a file of TUF; 0: it is none. Nothing is verified."""
    signed = signed_part(metadata)
    version = signed.get("version") if isinstance(signed, Mapping) else None
    return version if isinstance(version, int) else 0


def signed_part(metadata: str | bytes | None) -> object:
    """What the signatures are over."""
    try:
        content = json.loads(metadata or "null")
    except (ValueError, RecursionError):
        return None
    return content.get("signed") if isinstance(content, Mapping) else None
