"""One test run: the folders that its workers share, and the processes that end with it."""

import fcntl
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

PREFIX = "webmacs-tests-"
# Making and dropping a database, hundreds of files, takes a third of the time there.
MEMORY = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it
ROOM = 8 * 1024**3  # more than all that is there at one time
YOUNG_SECONDS = 60


@dataclass(frozen=True)
class Run:
    """What all workers of a run have in common. The first process makes it and ends it."""

    folder: Path

    @classmethod
    def begin(cls) -> "Run":
        """A new run; its folders can be entered by the account that PostgreSQL runs as."""
        _end_those_that_were_killed()
        run = cls(_new_folder(None))
        _held.append(_hold(run.folder))
        (run.folder / "processes").mkdir()
        if _has_room(MEMORY):
            run.volatile.symlink_to(_new_folder(MEMORY))
        else:
            run.volatile.mkdir(mode=0o755)
        return run

    @property
    def volatile(self) -> Path:
        """For what need not survive a loss of power: in memory, if there is enough."""
        return self.folder / "volatile"

    @contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Only one worker at a time in here."""
        with (self.folder / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def ends(self, process: subprocess.Popen[bytes]) -> None:
        """Note a process that must not outlive the run, even if the worker that started it was killed."""
        born = psutil.Process(process.pid).create_time()
        (self.folder / "processes" / str(process.pid)).write_text(json.dumps(born))

    def end(self) -> None:
        """End what still runs and remove the folder."""
        for note in (self.folder / "processes").iterdir():
            _end_process(int(note.name), json.loads(note.read_text()))
        shutil.rmtree(self.volatile.resolve(), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


_held: list[IO[str]] = []


def _new_folder(where: Path | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=where))
    folder.chmod(0o755)
    return folder


def _has_room(where: Path) -> bool:
    return where.is_dir() and min(shutil.disk_usage(where).free, psutil.virtual_memory().available) > ROOM


def _hold(folder: Path) -> IO[str]:
    """A lock that goes with this process, however it ends. Raises OSError if another process holds it."""
    file = (folder / "alive").open("a")
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _end_those_that_were_killed() -> None:
    """They left servers and folders behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if (folder / "alive").exists() and time.time() - folder.stat().st_ctime > YOUNG_SECONDS:
                with _hold(folder):
                    Run(folder).end()


def _end_process(pid: int, born: float) -> None:
    """Interrupt it (a fast shutdown for PostgreSQL), and kill it if that takes too long."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        if process.create_time() != born:
            return
        process.send_signal(2)
        try:
            process.wait(10)
        except psutil.TimeoutExpired:
            process.kill()
