"""What systemd says of our units, by a systemctl that says what it is told."""

from pathlib import Path

import pytest

from webmacs.config import Config, load_config
from webmacs.doctor.units import WANTED, units
from webmacs.install import machine

SYSTEMCTL = """#!/bin/sh
[ "$1" = is-active ] || exec cat {folder}/failed
grep -qx "$2" {folder}/stopped && echo inactive || echo active
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr(machine, "SYSTEMD", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    program = tmp_path / "systemctl"
    program.write_text(SYSTEMCTL.format(folder=tmp_path))
    program.chmod(0o755)
    for name in ("installed.json", "stopped", "failed", "config.toml"):
        (tmp_path / name).touch()
    return load_config(tmp_path / "config.toml", {})


def test_all_is_started(installed: Config) -> None:
    found = units(installed)
    assert (found.ok, found.found) == (True, f"all {len(WANTED)} are started, none has failed")


def test_a_timer_that_is_off_and_a_backup_that_failed_are_named(installed: Config) -> None:
    (installed.folder / "stopped").write_text("webmacs-maintenance.timer\n")
    assert units(installed).found == "webmacs-maintenance.timer is not started"
    (installed.folder / "failed").write_text("webmacs-backup.service loaded failed failed WebMACS: a backup\n")
    found = units(installed)
    assert found.found == "webmacs-backup.service has failed; webmacs-maintenance.timer is not started"
    assert "journalctl -u webmacs-backup.service" in str(found.advice)


def test_elsewhere_nobody_asks_systemd(installed: Config) -> None:
    (installed.folder / "stopped").write_text("webmacs.target\n")
    (installed.folder / "installed.json").unlink()
    assert units(installed).ok


def test_each_unit_that_it_asks_for_is_there() -> None:
    there = {file.name for file in (Path(__file__).parents[2] / "systemd").iterdir()} | {"apache2.service"}
    assert {name.replace("@1", "@").replace("@2", "@") for name in WANTED} <= there
