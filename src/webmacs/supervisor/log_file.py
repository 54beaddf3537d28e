"""What a part says, in a file that it has open: bounded, while it is being written."""

import os
import shutil
from pathlib import Path

LOG_BYTES = 10_000_000
OLD = 2  # that are kept besides
MODE = 0o640  # names and addresses of people stand in it


class LogFile:
    """`begin`: where this run begins in it, in bytes; what was said before explains nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_BYTES:
            self._make_room()
            path.replace(self._old(1))
        path.touch(mode=MODE)
        self.begin = path.stat().st_size

    def trim(self) -> None:
        """Put aside what is long. The part goes on to write at the end, wherever that is; what it says between copy
        and cut is lost, which is a line in 30 MB."""
        if self.path.stat().st_size <= LOG_BYTES:
            return
        self._make_room()
        shutil.copyfile(self.path, self._old(1))
        self._old(1).chmod(MODE)
        os.truncate(self.path, 0)
        self.begin = 0

    def said(self) -> str:
        """All that this run has said, but for what was put aside."""
        return self.path.read_bytes()[self.begin :].decode(errors="replace")

    def _old(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _make_room(self) -> None:
        for number in range(OLD - 1, 0, -1):
            if self._old(number).exists():
                self._old(number).replace(self._old(number + 1))
