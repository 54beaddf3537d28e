"""Starts the current version of a controller or server, watches a new one, goes back if that does not prove itself.

A copy of this file lies beside the versions and is what the system starts; no update replaces it, so a bad one cannot
take it away. Nothing but the standard library is used here. The package itself uses it, too: one code says what lies
where.

    current -> versions/NAME    what runs; another target is another version, and replacing a symlink is one step
    previous -> versions/NAME   what ran before, and is kept
    versions/NAME/complete.json the version is whole; without it, it is what is left of an installation
    probation.json              NAME has to prove itself: whoever finds it well removes this file; `back` is what runs
                                otherwise, and `kept` what is `previous` then, as before
    outcome.json                what became of the last one

What is under way lies on the disk, and each step leaves something that runs: see `settle`.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

CURRENT, PREVIOUS, VERSIONS, COMPLETE = "current", "previous", "versions", "complete.json"
PROBATION, OUTCOME = "probation.json", "outcome.json"
COMMAND, SERVER = "bin/webmacs-controller", "bin/webmacs"
MOST_STARTS = 3
"""So often a version on probation is started; the power may fail, too."""

LOOK_SECONDS = 0.5
STOP_SECONDS = 60.0
"""For a version to let go of everything, before it is killed."""

BEGIN_SECONDS = 60.0
"""For a version's first word to systemd; until then its watchdog is fed from here."""

DEFAULT_SECONDS = 600.0
"""For a version to prove itself."""

PR_SET_PDEATHSIG = 1

Note = dict[str, Any]
"""What stands in a file."""


def link_target(folder: Path, name: str) -> str | None:
    """The version that this symlink names, if it is whole; else None."""
    try:
        version = (folder / name).readlink().name
    except OSError:
        return None
    return version if is_whole(folder, version) else None


def is_whole(folder: Path, version: str) -> bool:
    """Whether it can be started."""
    path = folder / VERSIONS / version
    return (path / COMPLETE).is_file() and command(path).exists()


def command(path: Path) -> Path:
    """What is started of a version. A server has the controller's command as well."""
    return path / SERVER if (path / SERVER).exists() else path / COMMAND


def switch(folder: Path, name: str, version: str) -> None:
    """Let the symlink name this version, at once, and for good."""
    fresh = folder / f".{name}.new"
    with suppress(FileNotFoundError):
        fresh.unlink()
    fresh.symlink_to(Path(VERSIONS, version))
    fresh.replace(folder / name)
    sync(folder)


def write(path: Path, content: Note) -> None:
    """Whole, or as it was before."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w") as stream:
        json.dump(content, stream)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path)
    sync(path.parent)


def read(path: Path) -> Note | None:
    """None: it is not there, or cannot be read."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def remove(path: Path) -> None:
    """For good."""
    path.unlink(missing_ok=True)
    sync(path.parent)


def sync(folder: Path) -> None:
    """What is in a folder is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def probation(folder: Path) -> Note | None:
    """That of the version that runs, or None."""
    note = read(folder / PROBATION)
    return note if note and note.get("version") == link_target(folder, CURRENT) else None


def settle(folder: Path) -> str | None:
    """Bring what was interrupted to an end: afterwards `current` names something whole. Its name, or None."""
    current = link_target(folder, CURRENT)
    if current is None:
        current = link_target(folder, PREVIOUS) or _newest(folder)
        if current is None:
            return None
        switch(folder, CURRENT, current)
    note = read(folder / PROBATION)
    if note is not None and note.get("version") != current:
        begun = note.get("starts", 0) > 0
        state, why = ("rolled_back", note.get("why", "")) if begun else ("failed", "the installation was interrupted")
        _end(folder, note, state, why)
    elif note is None:
        with suppress(FileNotFoundError):
            remove(folder / PROBATION)
    return current


def go_back(folder: Path, note: Note, why: str) -> None:
    """To what ran before. Nothing, if that is not there any more."""
    back = note.get("back")
    if not back or not is_whole(folder, back):
        _end(folder, note, "failed", f"{why}; there is nothing to go back to")
        return
    write(folder / PROBATION, {**note, "starts": max(1, note.get("starts", 0)), "why": why})
    switch(folder, CURRENT, back)
    _end(folder, note, "rolled_back", why)


def confirm(folder: Path, note: Note) -> None:
    """It has proved itself."""
    _end(folder, note, "completed", "")


def _end(folder: Path, note: Note, state: str, why: str) -> None:
    kept = note.get("kept")
    if state != "completed" and kept and is_whole(folder, kept):
        switch(folder, PREVIOUS, kept)
    write(folder / OUTCOME, {"version": note.get("version"), "state": state, "why": why, "time": time.time()})
    remove(folder / PROBATION)


def _newest(folder: Path) -> str | None:
    with suppress(OSError):
        names = [path.name for path in (folder / VERSIONS).iterdir() if is_whole(folder, path.name)]
        return max(names, key=_counter, default=None)
    return None


def _counter(name: str) -> int:
    counter = name.split("-")[0]
    return int(counter) if counter.isdecimal() else 0


class Messenger:
    """Passes on what a version tells systemd (sd_notify), but that it ends, where another takes its place: for systemd
    the service goes on. Does nothing where there is no systemd."""

    def __init__(self) -> None:
        self.heard = False
        self.environment = dict(os.environ)
        self._to = os.environ.get("NOTIFY_SOCKET", "")
        self._box = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._box.setblocking(False)
        if self._to:
            path = Path(tempfile.mkdtemp(prefix="webmacs-"), "notify")
            self._box.bind(str(path))
            self.environment["NOTIFY_SOCKET"] = str(path)

    def pass_on(self, stopping: bool) -> None:
        """What has come."""
        while self._to:
            try:
                lines = self._box.recv(4096).decode(errors="replace").splitlines()
            except OSError:
                return
            self.heard = True
            self.say("\n".join(line for line in lines if stopping or line != "STOPPING=1"))

    def feed(self) -> None:
        """Systemd's watchdog, while no version can."""
        self.say("WATCHDOG=1")

    def say(self, words: str) -> None:
        """Something of our own."""
        address = f"\0{self._to[1:]}" if self._to.startswith("@") else self._to
        with suppress(OSError):
            if self._to and words:
                self._box.sendto(words.encode(), address)

    def close(self) -> None:
        """Nothing of it is left."""
        self._box.close()
        if self._to:
            shutil.rmtree(Path(self.environment["NOTIFY_SOCKET"]).parent, ignore_errors=True)


class Launcher:
    """`run` ends when it is told to, or when a version that is not on probation ends."""

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        self.folder = folder
        self.arguments = arguments
        self.child: subprocess.Popen[bytes] | None = None
        self.stopping = False
        self.messenger = Messenger()

    def run(self) -> int | str:
        """The exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while True:
            version = settle(self.folder)
            if version is None:
                return f"{self.folder} has no version that could be started"
            note = probation(self.folder)
            if note is not None and note.get("starts", 0) >= MOST_STARTS:
                self._say(f"{version} was started {MOST_STARTS} times and has not proved itself")
                go_back(self.folder, note, f"it was started {MOST_STARTS} times and has not proved itself")
                continue
            code = self._live(version, note)
            if code is not None and (self.stopping or note is None):
                return code
            if self.stopping:
                return 0

    def _live(self, version: str, note: Note | None) -> int | None:
        """Until it ends or another one is to run (None)."""
        deadline = None
        if note is not None:
            write(self.folder / PROBATION, {**note, "starts": note.get("starts", 0) + 1})
            deadline = time.monotonic() + float(note.get("seconds", DEFAULT_SECONDS))
        child, fed_until = self._begin(version), time.monotonic() + BEGIN_SECONDS
        if child is None:
            return 1
        while (code := _wait(child, LOOK_SECONDS)) is None:
            self.messenger.pass_on(self.stopping)
            if not self.messenger.heard and time.monotonic() < fed_until:
                self.messenger.feed()
            if link_target(self.folder, CURRENT) not in (version, None):
                self._say("another version is to run")
                self._end(child)
                return None
            if deadline is not None and not self.stopping and time.monotonic() > deadline:
                self._judge(version)
                deadline = None
        return self._ended(version, code)

    def _begin(self, version: str) -> subprocess.Popen[bytes] | None:
        self.messenger.heard = False
        words = [str(command(self.folder / VERSIONS / version)), *self.arguments]
        try:
            self.child = subprocess.Popen(words, env=self.messenger.environment, preexec_fn=_end_with(os.getpid()))
        except OSError as error:
            self._say(f"{version} cannot be started: {error}")
            time.sleep(LOOK_SECONDS)
            return None
        if self.stopping:  # it was said while it began
            self.child.terminate()
        return self.child

    def _end(self, child: subprocess.Popen[bytes]) -> None:
        child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while _wait(child, LOOK_SECONDS) is None:
            self.messenger.pass_on(self.stopping)
            self.messenger.feed()
            if time.monotonic() > deadline:
                child.kill()
        self.messenger.pass_on(self.stopping)

    def _judge(self, version: str) -> None:
        """Its time is over."""
        note = probation(self.folder)
        if note is not None:
            self._say(f"{version} has not proved itself in time")
            go_back(self.folder, note, "it has not proved itself in time")

    def _ended(self, version: str, code: int) -> int:
        self.messenger.pass_on(self.stopping)
        note = probation(self.folder)
        if note is not None and self.stopping:  # a person has ended it, that is no sign of anything
            write(self.folder / PROBATION, {**note, "starts": max(0, note.get("starts", 1) - 1)})
        elif note is not None:
            self._say(f"{version} ended with code {code} while it was on probation")
            time.sleep(LOOK_SECONDS)
        return code if code >= 0 else 128 - code

    def _stop(self, *_: object) -> None:
        self.stopping = True
        if self.child is not None:
            with suppress(OSError):
                self.child.terminate()

    def _say(self, words: str) -> None:
        print(f"launcher: {words}", file=sys.stderr, flush=True)


def _end_with(parent: int) -> Callable[[], None] | None:
    """In the child: it is told to end when we are killed, so that no two versions ever run. Only Linux can."""
    if sys.platform != "linux":
        return None
    import ctypes  # here: the controller uses this file, too, and needs no such thing

    libc = ctypes.CDLL(None)

    def tell() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # we were killed before it could be said
            os.kill(os.getpid(), signal.SIGTERM)

    return tell


def _wait(child: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def place(folder: Path) -> Path:
    """A copy of this file, beside the versions; one that is there stays."""
    path = folder / "launcher.py"
    if not path.exists():
        fresh = folder / ".launcher.py.new"
        shutil.copyfile(__file__, fresh)
        os.sync()
        fresh.replace(path)
    return path


if __name__ == "__main__":
    launcher = Launcher(Path(__file__).resolve().parent, sys.argv[1:])
    ended = launcher.run()
    launcher.messenger.close()
    sys.exit(ended)
