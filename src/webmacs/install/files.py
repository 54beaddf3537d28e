"""Files that an installation writes and keeps up to date, unless somebody has changed them by hand."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from webmacs.install.machine import Machine
from webmacs.install.plan import RECORD
from webmacs.install.step import Found, Step

DIST, OLD = ".dist", ".old"


@dataclass(frozen=True)
class File:
    """What is to stand where. `once`: it is somebody's own as soon as it is there."""

    path: str
    text: str
    mode: int = 0o644
    once: bool = False
    group: str = "root"


class Files(Step):
    """Some files, all root's; a group may read some."""

    def __init__(self, name: str, machine: Machine, files: Sequence[File], force: bool = False) -> None:
        self.name = name
        self._machine, self._files, self._force = machine, files, force

    def look(self) -> Found:
        wanted, kept = [], []
        for file in self._files:
            state = self._state(file)
            if state in ("missing", "outdated"):
                wanted.append(f"{'write' if state == 'missing' else 'replace'} {file.path}")
            elif state == "edited" and self._force:
                wanted.append(f"replace {file.path}, which was changed by hand and is kept as {OLD}")
            elif state == "edited":
                kept.append(f"{file.path} was changed by hand; ours is {file.path}{DIST}, and --force puts it in place")
                if not self._is(self._dist(file), file.text):
                    wanted.append(f"write {file.path}{DIST}")
            if self._is_closed(file):
                wanted.append(f"let the group {file.group} read {file.path}")
        return Found(", ".join(file.path for file in self._files), wanted, kept)

    def do(self) -> None:
        for file in self._files:
            path, state = self._machine.path(file.path), self._state(file)
            if self._is_closed(file):
                os.chown(path, -1, self._machine.owner("root", file.group)[1])
                path.chmod(file.mode)
            if state == "edited" and not self._force:
                self._write(self._dist(file), file)
                continue
            if state == "edited":
                path.replace(path.with_name(path.name + OLD))
            if state != "same":
                self._write(path, file)
            self._dist(file).unlink(missing_ok=True)
            if not file.once:
                note(self._machine, file.path, file.text)

    def _write(self, path: Path, file: File) -> None:
        group = None if file.group == "root" else self._machine.owner("root", file.group)[1]
        write(path, file.text, file.mode, group)

    def _state(self, file: File) -> str:
        path = self._machine.path(file.path)
        if not path.exists():
            return "missing"
        if file.once or self._is(path, file.text):
            return "same"
        ours = read_record(self._machine).get(file.path) == digest(path.read_bytes())
        return "outdated" if ours else "edited"

    def _is_closed(self, file: File) -> bool:
        """To the group that is to read it, as after a backup was restored."""
        path, group = self._machine.path(file.path), self._machine.group(file.group)
        if file.group == "root" or group is None or not path.exists():
            return False
        state = path.stat()
        return state.st_gid != group or state.st_mode & file.mode & 0o070 != file.mode & 0o070

    def _dist(self, file: File) -> Path:
        path = self._machine.path(file.path)
        return path.with_name(path.name + DIST)

    def _is(self, path: Path, text: str) -> bool:
        return path.exists() and path.read_bytes() == text.encode()


def write(path: Path, text: str, mode: int, group: int | None = None) -> None:
    """The whole file or nothing of it, never open to more than it shall be."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        if group is not None:
            os.fchown(descriptor, -1, group)
        os.fchmod(descriptor, mode)
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)


def remove(machine: Machine, path: str) -> None:
    """The file and what lies beside it."""
    for end in ("", DIST, OLD):
        machine.path(path + end).unlink(missing_ok=True)


def note(machine: Machine, path: str, text: str) -> None:
    """Remember what we wrote, to know later whether somebody has changed it."""
    record = read_record(machine)
    if record.get(path) != digest(text.encode()):
        record[path] = digest(text.encode())
        write(machine.path(RECORD), json.dumps(record, indent=2, sort_keys=True) + "\n", 0o644)


def read_record(machine: Machine) -> dict[str, str]:
    try:
        found = json.loads(machine.path(RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
