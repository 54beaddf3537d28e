"""Lists of bundles: JSON, as GitHub tells of a release; `webmacs release index` writes the same for a web server."""

import json
import re
from collections.abc import Iterator
from typing import Any

from webmacs.ota.source.offer import MOST_OFFERS, Offer, SourceError, is_bundle, joined, storable

LIST_NAME = "releases.json"
LONGEST_NOTES = 20_000
LARGEST = 1 << 50
GITHUB = re.compile(r"https://github\.com/([A-Za-z0-9-]+)/([A-Za-z0-9._-]+)")
DIGEST = re.compile(r"sha256:([0-9a-f]{64})")


def list_address(source: str) -> str:
    """Where the list of a source is."""
    found = GITHUB.fullmatch(source)
    return f"https://api.github.com/repos/{found[1]}/{found[2]}/releases/latest" if found else source


def read_list(body: bytes, address: str) -> list[Offer]:
    """Raises SourceError."""
    try:
        said = json.loads(body)
        assets = said["assets"]
        notes = said.get("body")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise SourceError(f"What {address} answers is no list of bundles.") from None
    if not isinstance(assets, list):
        raise SourceError(f"What {address} answers is no list of bundles.")
    text = storable(notes)[:LONGEST_NOTES] if isinstance(notes, str) else ""
    found = {offer.address: offer for offer in _offers(assets, address, text)}
    return list(found.values())[:MOST_OFFERS]


def write_list(files: list[tuple[str, int, str]], notes: str) -> bytes:
    """Of files beside it: name, size, SHA-256."""
    assets = [
        {"name": name, "size": size, "digest": f"sha256:{digest}", "browser_download_url": name}
        for name, size, digest in files
    ]
    return json.dumps({"body": notes, "assets": assets}, indent=1).encode() + b"\n"


def _offers(assets: list[Any], address: str, notes: str) -> Iterator[Offer]:
    """What is no bundle, or makes no sense, is left out: a release has other files, too."""
    for asset in assets:
        if not isinstance(asset, dict) or not is_bundle(asset.get("name")):
            continue
        url = joined(address, asset.get("browser_download_url"))
        if url is not None:
            yield Offer(url, asset["name"], _size(asset.get("size")), _digest(asset.get("digest")), notes)


def _size(said: object) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) and 0 < said < LARGEST else None


def _digest(said: object) -> str | None:
    found = DIGEST.fullmatch(said) if isinstance(said, str) else None
    return found[1] if found else None
