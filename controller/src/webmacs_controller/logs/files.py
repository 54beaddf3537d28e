"""Files that never take more than they may, on a disk or in memory."""

import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

MODE = 0o640  # names and addresses of people stand in it
MOUNTS = Path("/proc/self/mountinfo")
IN_MEMORY = ("tmpfs", "ramfs")


class Rotated(RotatingFileHandler):
    """`files` of at most so many bytes each, the newest without a number. The folder is made."""

    def __init__(self, file: Path, most_bytes: int, files: int) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        # with one file alone logging would let it grow for ever
        super().__init__(file, maxBytes=most_bytes, backupCount=max(files - 1, 1), encoding="utf-8", errors="replace")

    def _open(self) -> TextIOWrapper:
        number = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, MODE)
        return os.fdopen(number, "a", encoding=self.encoding, errors=self.errors)


def in_memory(file: Path, mounts: Path = MOUNTS) -> bool:
    """Whether what is written there wears no disk."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    path, longest, kind = file.absolute(), -1, ""
    while not path.exists():
        path = path.parent
    path = path.resolve()
    for line in lines:
        before, _, after = line.partition(" - ")
        point = Path(before.split()[4].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= longest:  # the last one lies on top
            longest, kind = len(point.parts), after.split()[0]
    return kind in IN_MEMORY
