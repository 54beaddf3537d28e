"""Whether what systemd is to start is started, and nothing of it has failed: a timer that is off makes no noise."""

import subprocess

from webmacs.config import Config
from webmacs.doctor import form
from webmacs.doctor.result import Result
from webmacs.install import machine
from webmacs.install.services import APACHE, ENABLED, REST, SIDECARS

NAME = "services"
TIMERS = ("webmacs-backup.timer", "webmacs-maintenance.timer", "webmacs-rest-reload.timer")
WANTED = (*ENABLED, REST, *SIDECARS, *TIMERS, APACHE)


def units(config: Config) -> Result:
    """Only where `webmacs install` has set them up, and systemd is the first process."""
    if not (form.installed(config) and machine.SYSTEMD.is_dir()):
        return Result(NAME, "nothing of them is left to systemd here")
    listed = _says("list-units", "--failed", "--plain", "--no-legend", "webmacs*")
    failed = [line.split()[0] for line in listed.splitlines()]
    away = [name for name in WANTED if name not in failed and _says("is-active", name) != "active"]
    if failed or away:
        first = [*failed, *away][0]
        found = "; ".join([*(f"{name} has failed" for name in failed), *(f"{name} is not started" for name in away)])
        return Result(NAME, found, f"systemctl status {first}; journalctl -u {first}; systemctl start {first}")
    return Result(NAME, f"all {len(WANTED)} are started, none has failed")


def _says(*arguments: str) -> str:
    command = ["systemctl", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
