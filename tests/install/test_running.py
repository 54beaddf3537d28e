"""Services, by a systemd that only keeps a list: what is started, restarted and reloaded, and when that is done."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from webmacs.install.machine import Machine
from webmacs.install.plan import CURRENT, SITE, Plan
from webmacs.install.services import APACHE, ENABLED, REST, SIDECARS, Running
from webmacs.install.step import go


class Systemd(Machine):
    """Each unit has the number of this process as long as it runs."""

    running: set[str] = set()  # noqa: RUF012 - a frozen dataclass
    said: list[str] = []  # noqa: RUF012

    @property
    def systemd(self) -> bool:
        return True

    def attempt(self, *command: str, cwd: str = "/", text: str | None = None) -> subprocess.CompletedProcess[str]:
        action, name = command[1], command[-1]
        if action == "is-active":
            return subprocess.CompletedProcess(command, 0 if name in self.running else 3, "", "")
        if action == "show":
            return subprocess.CompletedProcess(command, 0, f"{os.getpid()}\n", "")
        self.said.append(f"{action} {name}")
        self.running.add(name)
        if action == "restart":  # a new process is newer
            os.utime(self.path(CURRENT), (0, 0), follow_symlinks=False)
        return subprocess.CompletedProcess(command, 0, "", "")


@pytest.fixture
def machine(tmp_path: Path) -> Systemd:
    machine = Systemd(tmp_path)
    machine.running.clear()
    machine.said.clear()
    machine.path(SITE).parent.mkdir(parents=True)
    machine.path(SITE).write_text("first")
    machine.path(CURRENT).parent.mkdir(parents=True)
    machine.path(CURRENT).symlink_to("versions/first")
    os.utime(machine.path(CURRENT), (0, 0), follow_symlinks=False)
    return machine


def run(machine: Systemd) -> list[str]:
    return [line.text for line in go([Running(Plan(machine))], dry_run=False) if line.result == "changed"]


def test_all_is_started_once(machine: Systemd) -> None:
    assert run(machine) == [f"start {name}" for name in (*ENABLED, REST, *SIDECARS, APACHE)]
    assert run(machine) == []


def test_what_runs_already_is_left_and_apache_reads_its_site(machine: Systemd) -> None:
    machine.running.update((*ENABLED, REST, *SIDECARS, APACHE))
    assert run(machine) == [f"reload {APACHE}"]
    assert run(machine) == []
    machine.path(SITE).write_text("second")
    assert run(machine) == [f"reload {APACHE}"]
    assert run(machine) == []


def test_another_version_restarts_the_sidecars_one_after_another(machine: Systemd) -> None:
    run(machine)
    machine.said.clear()
    os.utime(machine.path(CURRENT), (time.time() + 60, time.time() + 60), follow_symlinks=False)
    assert run(machine) == [f"restart {name}" for name in (*SIDECARS, REST)]
    assert machine.said == [f"restart {name}" for name in (*SIDECARS, REST)]
    assert run(machine) == []
