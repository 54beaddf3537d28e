"""Bundles on their way in: on the disk, so that one that broke off goes on where it was."""

import asyncio
import fcntl
import hashlib
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from webmacs_controller.updates import scratch

from webmacs.errors import ApiError

KEPT_SECONDS = 86_400.0
"""For so long a part waits for the rest."""

EXAMINED_SECONDS = 3600.0
"""Longer than any examination takes: what is older was left by one that was killed."""

MOST_PARTS = 8
SPARE_BYTES = 200_000_000


class Uploads:
    """Below one folder; a part is named by the digest that the whole is to have."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def received(self, sha256: str) -> int:
        """Bytes that are there."""
        path = self._part(sha256)
        return path.stat().st_size if path.exists() else 0

    @contextmanager
    def open(self, sha256: str, begin: int, most_bytes: int) -> Iterator[BinaryIO]:
        """The part, to be gone on with at `begin`; nobody else has it meanwhile. Raises ApiError 409, 507."""
        self.sweep()
        self._make_folder()
        self._check_room(sha256, most_bytes)
        with self._part(sha256).open("a+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ApiError(409, "busy", "Somebody else uploads this bundle at this moment.") from None
            there = file.seek(0, 2)
            if begin > there or (begin < there and begin > 0):
                raise ApiError(
                    409,
                    "wrong_offset",
                    f"Of this bundle {there} bytes have arrived; go on there.",
                    hint="GET /ota/uploads/… says how many.",
                )
            file.truncate(begin)
            yield file

    def path(self, sha256: str) -> Path:
        """Of the file that an open part is."""
        return self._part(sha256)

    def remove(self, sha256: str) -> None:
        """It is stored, or of no use."""
        self._part(sha256).unlink(missing_ok=True)

    def _part(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.part"

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            message = f"The folder of [ota] uploads_dir cannot be made: {error.strerror}."
            raise ApiError(507, "no_folder", message, hint="Whoever runs the server has to mend that.") from None

    def _check_room(self, sha256: str, most_bytes: int) -> None:
        if sum(path.name != f"{sha256}.part" for path in self._folder.glob("*.part")) >= MOST_PARTS:
            raise ApiError(409, "too_many_uploads", f"There are {MOST_PARTS} bundles already that are not whole.")
        if shutil.disk_usage(self._folder).free < most_bytes - self.received(sha256) + SPARE_BYTES:
            raise ApiError(507, "no_space", "The disk of the server has not the room for this bundle.")

    def sweep(self) -> None:
        """What nobody goes on with, and what was left of examinations."""
        scratch.clear(self._folder, EXAMINED_SECONDS)
        old = time.time() - KEPT_SECONDS
        for path in self._folder.glob("*.part"):
            if path.stat().st_mtime < old:
                path.unlink(missing_ok=True)


async def append(file: BinaryIO, pieces: AsyncIterator[bytes]) -> None:
    """What arrives stays, also when the rest does not come."""
    async for piece in pieces:
        await asyncio.to_thread(file.write, piece)
    file.flush()


def check_digest(file: BinaryIO, sha256: str) -> None:
    """Raises ApiError 400."""
    file.flush()
    file.seek(0)
    if hashlib.file_digest(file, "sha256").hexdigest() != sha256:  # type: ignore[arg-type]
        raise ApiError(400, "wrong_digest", "What has arrived has not this SHA-256.", hint="Begin anew.")
