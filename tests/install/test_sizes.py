"""PostgreSQL's settings for this machine: written once, restarted for, and left to who has changed them."""

import subprocess
from pathlib import Path

import pytest

from webmacs.install.cluster import Cluster
from webmacs.install.machine import Machine
from webmacs.install.plan import Plan
from webmacs.install.sizes import Sizes
from webmacs.install.step import go

FILE = "etc/postgresql/17/main/conf.d/webmacs.conf"


class Debian(Machine):
    """With a cluster that runs."""

    said: list[str] = []  # noqa: RUF012 - a frozen dataclass

    @property
    def live(self) -> bool:
        return True

    @property
    def systemd(self) -> bool:
        return False

    def attempt(self, *command: str, cwd: str = "/", text: str | None = None) -> subprocess.CompletedProcess[str]:
        if command[0] != "pg_lsclusters":
            self.said.append(" ".join(command))
        return subprocess.CompletedProcess(command, 0, "15 main 5433 down\n17 main 5432 online\n", "")


@pytest.fixture
def machine(tmp_path: Path) -> Debian:
    machine = Debian(tmp_path)
    machine.said.clear()
    return machine


def run(machine: Debian, force: bool = False) -> list[str]:
    return [line.result for line in go([Sizes(Plan(machine, force=force), Cluster(machine))], dry_run=False)]


def test_they_are_written_once_and_postgresql_is_restarted(machine: Debian) -> None:
    assert run(machine) == ["changed"]
    assert "shared_buffers = " in machine.path(FILE).read_text()
    assert run(machine) == ["ok"]
    assert machine.said == ["pg_ctlcluster 17 main restart"]


def test_what_somebody_has_changed_stays_without_a_restart(machine: Debian) -> None:
    run(machine)
    machine.path(FILE).write_text("shared_buffers = '3GB'\n")
    assert run(machine) == ["changed", "kept"]  # ours lies beside it
    assert run(machine) == ["kept"]
    assert machine.path(FILE).read_text() == "shared_buffers = '3GB'\n"
    assert len(machine.said) == 1
    assert run(machine, force=True) == ["changed"]
    assert len(machine.said) == 2
