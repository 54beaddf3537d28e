"""The machine that is installed on: its files, accounts and programs, or those below another root (an image)."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from webmacs.problem import Problem

SYSTEMD = Path("/run/systemd/system")
# An installation may be run from a shell that has none of these.
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LONGEST = 600


@dataclass(frozen=True)
class Machine:
    """What lies below `root`. Only the root of the running system has programs that can be asked for anything."""

    root: Path = Path("/")

    @property
    def live(self) -> bool:
        return self.root == Path("/")

    @property
    def systemd(self) -> bool:
        """Whether systemd is the first process here, so that there are services to be started."""
        return self.live and SYSTEMD.is_dir()

    def path(self, name: str | Path) -> Path:
        return self.root / str(name).lstrip("/")

    def has(self, program: str) -> bool:
        return shutil.which(program, path=PATH) is not None

    def run(self, *command: str, cwd: str = "/", text: str | None = None) -> str:
        """What the program says. Raises Problem, with its last lines, if it fails."""
        done = self.attempt(*command, cwd=cwd, text=text)
        if done.returncode:
            said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-6:])
            raise Problem(f"`{' '.join(command)}` failed: {said[-LONGEST:] or 'it says nothing'}")
        return done.stdout

    def attempt(self, *command: str, cwd: str = "/", text: str | None = None) -> subprocess.CompletedProcess[str]:
        """The same, whatever comes of it."""
        environment = {**os.environ, "PATH": PATH, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
        try:
            return subprocess.run(
                command, cwd=cwd, input=text or "", env=environment, capture_output=True, text=True, check=False
            )
        except OSError as error:
            return subprocess.CompletedProcess(command, 127, "", f"{command[0]}: {error.strerror}")

    def user(self, name: str) -> int | None:
        """Its number, by the accounts of this root."""
        return self._number("etc/passwd", name)

    def group(self, name: str) -> int | None:
        return self._number("etc/group", name)

    def members(self, group: str) -> Sequence[str]:
        found = self._entry("etc/group", group)
        return found[3].split(",") if found else []

    def owner(self, user: str, group: str) -> tuple[int, int]:
        """Their numbers. Raises Problem if one of them is not there."""
        uid, gid = self.user(user), self.group(group)
        if uid is None or gid is None:
            raise Problem(f"There is no account {user} or no group {group}, though they were to be made before.")
        return uid, gid

    def _number(self, file: str, name: str) -> int | None:
        found = self._entry(file, name)
        return int(found[2]) if found else None

    def _entry(self, file: str, name: str) -> list[str] | None:
        try:
            lines = self.path(file).read_text(encoding="utf-8").splitlines()
        except OSError:
            return None
        return next((line.split(":") for line in lines if line.startswith(f"{name}:")), None)
