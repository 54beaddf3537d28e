"""Zip files that can be unpacked without harm: what one declares is checked before anything of it is unpacked.

Only one form is taken, that which builders of wheels write, so that nobody else reads another content from the same
bytes: nothing before the first file and behind the directory, no comment, no ZIP64, no encryption.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from webmacs_controller.packages import File
from webmacs_controller.packages.errors import WheelError

MOST_FILES = 5000
MOST_DIRECTORY_BYTES = 2_000_000
LONGEST_NAME = 250
MOST_TIMES = 100
"""What is unpacked may be so many times larger than the file."""

PIECE = 1 << 20
END = struct.Struct("<4s4H2LH")
LOCATOR_BYTES = 20


def open_archive(file: File, most_bytes: int) -> ZipFile:
    """To be unpacked to at most `most_bytes`. Raises WheelError."""
    size = _check_end(file)
    try:
        archive = ZipFile(file)
    except (BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise _damaged(str(error)) from None
    entries = archive.infolist()
    _check_names(entries)
    _check_sizes(entries, size, most_bytes)
    return archive


def files(archive: ZipFile) -> list[ZipInfo]:
    """All that is no folder."""
    return [entry for entry in archive.infolist() if not entry.is_dir()]


def pieces(archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    """What it unpacks to. Raises WheelError."""
    try:
        with archive.open(entry) as stream:
            while piece := stream.read(PIECE):
                yield piece
    except (BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, zlib.error, struct.error) as error:
        raise _damaged(f"{entry.filename}: {error}") from None


def _check_end(file: File) -> int:
    """The size of the file. Python would believe a directory of any length, and read it whole."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END.size - LOCATOR_BYTES))
    tail = file.read()
    if len(tail) < END.size or not tail[-END.size :].startswith(b"PK\x05\x06"):
        raise _damaged("it does not end as one, without a comment")
    *_, count, length, offset, comment = END.unpack(tail[-END.size :])
    if comment or tail.startswith(b"PK\x06\x07") or offset + length != size - END.size:
        raise _damaged("it has more in it than its files")
    if count > MOST_FILES or length > MOST_DIRECTORY_BYTES:
        raise WheelError("too_large_unpacked", f"It has more than {MOST_FILES} files, or their names are too long.")
    return size


def _check_names(entries: list[ZipInfo]) -> None:
    seen = set()
    for entry in entries:
        name = entry.filename
        if name != entry.orig_filename or not _is_harmless(name):
            raise WheelError("unsafe_name", f"A file in it must not be called {name[:LONGEST_NAME]!r}.")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise WheelError("unsafe_name", f"{name!r} in it is neither a file nor a folder.")
        if name in seen:
            raise WheelError("unsafe_name", f"{name!r} is in it twice.")
        seen.add(name)
    for name in seen:
        if not seen.isdisjoint(map(str, PurePosixPath(name).parents)):
            raise WheelError("unsafe_name", f"{name!r} in it lies in a file.")


def _is_harmless(name: str) -> bool:
    """Whether it stays in the folder into which it is unpacked, on every system, and shows as what it is."""
    parts = name.removesuffix("/").split("/")
    inside = all(part not in ("", ".", "..") for part in parts)
    return inside and len(name) <= LONGEST_NAME and name.isprintable() and not set(name) & set('\\:*?"<>|')


def _check_sizes(entries: list[ZipInfo], size: int, most_bytes: int) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > most_bytes:
        limit = most_bytes // 1_000_000
        raise WheelError("too_large_unpacked", f"It unpacks to {unpacked} bytes; at most {limit} MB are allowed.")
    if unpacked > MOST_TIMES * size:
        raise WheelError("too_large_unpacked", f"It unpacks to more than {MOST_TIMES} times its size.")
    for entry in entries:
        if entry.flag_bits & 1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise WheelError("not_a_wheel", f"{entry.filename} in it is encrypted, or packed in an unusual way.")


def _damaged(why: str) -> WheelError:
    return WheelError("not_a_wheel", f"It is no zip file, or a damaged one: {why}.")
