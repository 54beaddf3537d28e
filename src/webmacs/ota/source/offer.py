"""What a source has, as it says; nothing of it is believed before it was fetched and verified."""

import re
from dataclasses import asdict, dataclass
from typing import Any

import httpx

FILE_NAME = re.compile(r"[A-Za-z0-9._+-]{1,193}\.update")
MOST_OFFERS = 200
LONGEST_ADDRESS = 2000


@dataclass(frozen=True)
class Offer:
    """A bundle. `size` and `sha256` where the source tells them."""

    address: str
    file_name: str
    size: int | None = None
    sha256: str | None = None
    notes: str = ""

    def as_json(self) -> dict[str, Any]:
        """As the database takes it."""
        return asdict(self)


class SourceError(Exception):
    """The source cannot be used now: why, as a sentence."""


def is_bundle(name: object) -> bool:
    """Whether a file may be one by its name, which must lead nowhere."""
    return isinstance(name, str) and FILE_NAME.fullmatch(name) is not None


def joined(base: str, address: object) -> str | None:
    """An address as a document at `base` names it; None: it is none."""
    if not isinstance(address, str) or not 0 < len(address) <= LONGEST_ADDRESS:
        return None
    try:
        return storable(str(httpx.URL(base).join(address)))
    except (httpx.InvalidURL, ValueError):
        return None


def storable(text: str) -> str:
    """As PostgreSQL takes it."""
    return text.replace("\0", "").encode(errors="replace").decode()
