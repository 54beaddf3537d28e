"""systemd's units: written, enabled, and started where systemd is the first process."""

import os
import re
from pathlib import Path

from webmacs.install.files import File, Files, digest, note, read_record
from webmacs.install.plan import CURRENT, SITE, UNITS, Plan
from webmacs.install.step import Found, Step
from webmacs.resources import resource

# A controller is set up by itself, most often on another machine (docs/updates.md).
NOT_OURS = ("webmacs-controller.service", "webmacs.sysusers")
ENABLED = ("webmacs-sidecar.socket", "webmacs-local.socket", "webmacs.target")
APACHE = "apache2.service"
SIDECARS = ("webmacs-sidecar@1.service", "webmacs-sidecar@2.service")
REST = "webmacs-rest.service"
# Debian starts Apache again when a signal has ended it, and PostgreSQL never. Who is stopped properly stays so.
RESTART = """\
# Written by `webmacs install`.
[Unit]
StartLimitIntervalSec=0

[Service]
Restart={restart}
RestartSec=1
"""
AGAIN = {"postgresql@.service": "on-abnormal", APACHE: "on-failure"}


def unit_files() -> list[File]:
    """Our own units, and what is added to those of Debian."""
    folder = resource("systemd")
    names = sorted(path.name for path in folder.iterdir() if path.name not in NOT_OURS)
    ours = [File(f"{UNITS}/{name}", folder.joinpath(name).read_text(encoding="utf-8")) for name in names]
    added = [File(f"{UNITS}/{name}.d/webmacs.conf", RESTART.format(restart=how)) for name, how in AGAIN.items()]
    return [*ours, *added]


class Units(Files):
    """All but that of the controller."""

    def __init__(self, plan: Plan) -> None:
        super().__init__("units", plan.machine, unit_files(), plan.force)

    def look(self) -> Found:
        found = super().look()
        return Found(f"{len(self._files)} in {UNITS}", found.wanted, found.kept)

    def do(self) -> None:
        super().do()
        if self._machine.systemd:
            self._machine.run("systemctl", "daemon-reload")


class Enabled(Step):
    """Started at each boot."""

    name = "at boot"

    def __init__(self, plan: Plan) -> None:
        self._machine = plan.machine
        self._root = [f"--root={plan.machine.root}"] if not plan.machine.live else []

    def look(self) -> Found:
        wanted = [f"enable {name}" for name in ENABLED if not self._enabled(name)]
        return Found(", ".join(ENABLED), wanted)

    def do(self) -> None:
        self._machine.run("systemctl", *self._root, "enable", *ENABLED)

    def _enabled(self, name: str) -> bool:
        where = "multi-user.target.wants" if name.endswith(".target") else "sockets.target.wants"
        return self._machine.path(f"{UNITS}/{where}/{name}").is_symlink()


class Running(Step):
    """Everything runs, and as it is installed now: what was started before is restarted, one after another."""

    name = "services"

    def __init__(self, plan: Plan) -> None:
        self._machine = plan.machine

    def look(self) -> Found:
        if not self._machine.systemd:
            return Found(left_out="systemd is not the first process here; at boot it starts them, and Apache")
        stopped = [name for name in (*ENABLED, REST, *SIDECARS, APACHE) if not self._active(name)]
        older = [name for name in (*SIDECARS, REST) if name not in stopped and self._before(name, CURRENT)]
        wanted = [*(f"start {name}" for name in stopped), *(f"restart {name}" for name in older)]
        if APACHE not in stopped and read_record(self._machine).get(APACHE) != digest(self._site().encode()):
            wanted.append(f"reload {APACHE}")
        return Found("all run", wanted)

    def do(self) -> None:
        for line in self.look().wanted:
            action, _, name = line.partition(" ")
            self._machine.run("systemctl", action, name)
            if name == APACHE:
                note(self._machine, APACHE, self._site())

    def _active(self, name: str) -> bool:
        return self._machine.attempt("systemctl", "is-active", "--quiet", name).returncode == 0

    def _before(self, name: str, path: str) -> bool:
        """Whether it was started before this was put there."""
        said = self._machine.attempt("systemctl", "show", "--property=MainPID", "--value", name).stdout.strip()
        try:
            return _started(int(said)) < self._machine.path(path).lstat().st_mtime
        except (OSError, ValueError):
            return False

    def _site(self) -> str:
        return self._machine.path(SITE).read_text(encoding="utf-8")


def _started(process: int) -> float:
    """When, in seconds since 1970. Raises OSError if there is no such process."""
    ticks = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    boot = re.search(r"(?m)^btime (\d+)$", Path("/proc/stat").read_text(encoding="utf-8"))
    return (float(boot[1]) if boot else 0.0) + int(ticks) / os.sysconf("SC_CLK_TCK")
