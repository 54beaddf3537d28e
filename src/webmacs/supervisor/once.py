"""One `webmacs up` in a project folder at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from webmacs.problem import Problem


@contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the folder. Raises Problem, with the number of the process, if another run holds it."""
    path = folder / "var" / "up.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Problem(f"WebMACS already runs from {folder} (process {file.read().strip()}).") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
