"""Where a bundle is laid out while it is examined: beside what it is for, under a name by which what a killed
examination has left is found and thrown away. The system's temporary folder is often memory, and nobody clears it."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "examined-"


@contextmanager
def scratch(folder: Path | None) -> Iterator[Path]:
    """A folder of one's own in this one; None: the system's temporary folder."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder) as name:
        yield Path(name)


def clear(folder: Path, older_than: float = 0.0) -> None:
    """What was left there, so many seconds ago. What the system does not let go is in nobody's way."""
    for path in folder.glob(f"{PREFIX}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime >= older_than:
                shutil.rmtree(path, ignore_errors=True)
