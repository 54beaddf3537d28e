"""One test run: the folder that its workers share, and the processes that end with it."""

import fcntl
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Run:
    """What all workers of a run have in common. The first process makes it and ends it."""

    folder: Path

    @classmethod
    def begin(cls) -> "Run":
        """A new run; its folder can be entered by the account that PostgreSQL runs as."""
        folder = Path(tempfile.mkdtemp(prefix="webmacs-tests-"))
        folder.chmod(0o755)
        (folder / "processes").mkdir()
        return cls(folder)

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
        shutil.rmtree(self.folder, ignore_errors=True)


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
