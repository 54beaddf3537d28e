"""The services of systemd, all together. Sockets and timers first: they would start what is to be away."""

import subprocess
from collections.abc import Sequence

from webmacs.problem import Problem

SOCKETS = ("webmacs-sidecar.socket", "webmacs-local.socket")
AT_NIGHT = ("webmacs-maintenance", "webmacs-rest-reload", "webmacs-backup")
SYSTEMCTL = "systemctl"


class Units:
    """Those of `webmacs install`."""

    def start(self) -> None:
        """Raises Problem."""
        self._run("start", *SOCKETS, "webmacs.target")

    def stop(self) -> None:
        """Returns when nothing runs. Raises Problem."""
        timers = [f"{name}.timer" for name in AT_NIGHT]
        jobs = [f"{name}.service" for name in AT_NIGHT]
        self._run("stop", *SOCKETS, *timers, *jobs, "webmacs.target", "webmacs-sidecar@*", "webmacs-rest.service")

    def back_up(self) -> None:
        """By the account that may read all of it. Raises Problem."""
        self._run("start", "webmacs-backup.service")

    def _run(self, *words: str) -> None:
        command: Sequence[str] = [SYSTEMCTL, *words]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Problem(f"{' '.join(command)}: {' '.join(done.stderr.split())}")
