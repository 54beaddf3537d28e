"""A bundle as a file: a zip file that packs nothing, so that what it declares is what it takes.

metadata/1.root.json …  who may sign, from the first list of keys to the newest
metadata/{timestamp,snapshot,targets}.json
targets/manifest.json
wheels/NAME.whl
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from webmacs_controller.packages import File
from webmacs_controller.packages.archive import files, open_archive, pieces
from webmacs_controller.packages.errors import WheelError
from webmacs_controller.updates.errors import BundleError, Reason

SUFFIX = ".update"
MEGABYTE = 1_000_000
MANIFEST = "manifest.json"
LONGEST_MANIFEST = 1_000_000

_REASONS = {"unsafe_name": Reason.UNSAFE_NAME, "too_large_unpacked": Reason.TOO_LARGE}


class Bundle:
    """One that is open."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._entries = {entry.filename: entry for entry in files(archive)}

    @property
    def names(self) -> list[str]:
        """All files in it, in their order."""
        return list(self._entries)

    def size(self, name: str) -> int | None:
        """None: there is no such file."""
        entry = self._entries.get(name)
        return entry.file_size if entry else None

    def pieces(self, name: str) -> Iterator[bytes]:
        """Of a file that is there. Raises BundleError."""
        with as_bundle_error():
            yield from pieces(self._archive, self._entries[name])

    def read(self, name: str, most_bytes: int) -> bytes:
        """Raises BundleError."""
        size = self.size(name)
        if size is None:
            raise BundleError(Reason.DAMAGED, f"{name} is missing in it.")
        if size > most_bytes:
            raise BundleError(Reason.TOO_LARGE, f"{name} in it has more than {most_bytes} bytes.")
        return b"".join(self.pieces(name))


@contextmanager
def open_bundle(path: Path, most_megabytes: int) -> Iterator[Bundle]:
    """Raises BundleError, OSError."""
    most_bytes = most_megabytes * MEGABYTE
    with path.open("rb") as file:
        if file.seek(0, 2) > most_bytes:
            raise BundleError(Reason.TOO_LARGE, f"It has more than {most_megabytes} MB, which is the limit here.")
        with as_bundle_error(), _open(file, most_bytes) as archive:
            yield Bundle(archive)


def _open(file: File, most_bytes: int) -> ZipFile:
    archive = open_archive(file, most_bytes)
    for entry in archive.infolist():
        if entry.compress_type != ZIP_STORED:
            raise BundleError(Reason.TOO_LARGE, f"{entry.filename} in it is packed; in a bundle nothing is.")
    return archive


@contextmanager
def as_bundle_error() -> Iterator[None]:
    """What is wrong with a zip file is wrong with the bundle."""
    try:
        yield
    except WheelError as error:
        raise BundleError(_REASONS.get(error.code, Reason.DAMAGED), str(error)) from None
