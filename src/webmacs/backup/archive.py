"""The file of a backup: a tar file that packs nothing, so that any tar looks into it.

The manifest comes last: a file that broke off has none. While it is written it has another name.
"""

import hashlib
import os
import tarfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from webmacs.backup import manifest as manifests
from webmacs.backup.manifest import LONGEST, MANIFEST, Manifest, Part
from webmacs.files import give
from webmacs.problem import Problem

BLOCK = tarfile.BLOCKSIZE
PIECE = 1 << 20
MODE = 0o600
UNFINISHED = ".unfinished"


class Writer:
    """Writes one; it has its name, and is on the disk, when the context ends well. Else nothing is left."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}{UNFINISHED}")
        self._file: BinaryIO
        self.parts: list[Part] = []

    def __enter__(self) -> "Writer":
        self._file = os.fdopen(os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb")
        with suppress(PermissionError):  # a share may keep root from giving anything away
            give(self._file.fileno(), self._path.parent)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        finally:
            self._file.close()
            self._draft.unlink(missing_ok=True)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """How large it becomes need not be known before."""
        begin, size, digest = self._file.tell(), 0, hashlib.sha256()
        self._file.write(bytes(BLOCK))
        for piece in pieces:
            self._file.write(piece)
            digest.update(piece)
            size += len(piece)
        self._file.write(bytes(-size % BLOCK))
        self._file.seek(begin)
        self._file.write(_header(name, size))
        self._file.seek(0, os.SEEK_END)
        self.parts.append(Part(name, size, digest.hexdigest()))

    def _finish(self) -> None:
        self._file.write(bytes(2 * BLOCK))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._draft.rename(self._path)
        descriptor = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Reader:
    """One that is open, and whose manifest is understood."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._members = {member.name: member for member in archive.getmembers() if member.isreg()}
        self._archive = archive
        member = self._members.get(MANIFEST)
        if member is None or member.size > LONGEST:
            raise Problem("It is no whole backup: its end is missing.")
        self.manifest: Manifest = manifests.read(b"".join(self._bytes(member)))

    def pieces(self, part: Part) -> Iterator[bytes]:
        """Raises Problem at its end, if it is not what was written."""
        member, digest, size = self._members.get(part.name), hashlib.sha256(), 0
        for piece in self._bytes(member) if member else ():
            digest.update(piece)
            size += len(piece)
            yield piece
        if (size, digest.hexdigest()) != (part.size, part.sha256):
            raise Problem(f"The backup is damaged: {part.name} in it is not what was written.")

    def read(self, name: str) -> bytes | None:
        """A small part; None: it is not there. Raises Problem."""
        part = self.manifest.part(name)
        return None if part is None else b"".join(self.pieces(part))

    def check(self) -> None:
        """Reads all of it. Raises Problem if anything is not what was written."""
        for part in self.manifest.parts:
            for _ in self.pieces(part):
                pass

    def _bytes(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        stream = self._archive.extractfile(member)
        while stream is not None and (piece := stream.read(PIECE)):
            yield piece


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Raises Problem."""
    try:
        with tarfile.open(path, "r:") as archive:
            yield Reader(archive)
    except tarfile.TarError as error:
        raise Problem(f"{path} is no backup, or a damaged one: {error}.") from None
    except OSError as error:
        raise Problem(f"{error.filename or path}: {error.strerror}.") from None


def sweep(folder: Path) -> None:
    """What is left of backups that were broken off by a kill or a power cut. Nobody else may be writing one."""
    for path in folder.glob(f".*{UNFINISHED}"):
        with suppress(OSError):
            path.unlink()


def _header(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, MODE, int(time.time())
    return entry.tobuf(tarfile.GNU_FORMAT)
