"""A source that is a folder: of this machine, a share, a stick."""

from pathlib import Path

from webmacs.ota.source.offer import MOST_OFFERS, Offer, SourceError, is_bundle


def offers_of(folder: Path) -> list[Offer]:
    """The bundles in it. Raises SourceError. Blocking."""
    try:
        files = sorted(path for path in folder.iterdir() if is_bundle(path.name) and path.is_file())
        return [Offer(str(path), path.name, path.stat().st_size) for path in files[:MOST_OFFERS]]
    except OSError as error:
        raise SourceError(f"{folder} cannot be read: {error.strerror}.") from None
