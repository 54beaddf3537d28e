"""What the launcher starts where systemd runs the services, with a systemctl that writes down what it is told."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.database import Database
from webmacs.updating.units import SOCKETS

SYSTEMCTL = '#!/bin/sh\necho "$@" >> "{log}"\n'


def test_units_are_started_when_the_database_fits_and_end_with_it(database: Database, tmp_path: Path) -> None:
    log, notify = tmp_path / "log", tmp_path / "notify"
    program = tmp_path / "systemctl"
    program.write_text(SYSTEMCTL.format(log=log))
    program.chmod(0o755)
    environment = {
        **database.settings(),
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "NOTIFY_SOCKET": str(notify),
        "WEBMACS_OTA_FOLDER": str(tmp_path / "versions"),
    }
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as box:
        box.bind(str(notify))
        box.settimeout(60)
        command = [sys.executable, "-m", "webmacs", "update", "run"]
        with subprocess.Popen(command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
            assert box.recv(100) == b"READY=1"
            while not log.exists() or not log.read_text().endswith("\n"):
                assert process.poll() is None, process.stderr and process.stderr.read()
            assert log.read_text() == f"start {' '.join(SOCKETS)} webmacs.target\n"
            process.send_signal(signal.SIGTERM)
            assert box.recv(100) == b"STOPPING=1"
            assert process.wait(60) == 0
    stopped = log.read_text().splitlines()[1].split()
    # what would start a sidecar again goes before it
    assert stopped[:3] == ["stop", *SOCKETS]
    assert {"webmacs-sidecar@*", "webmacs-rest.service", "webmacs-backup.timer", "webmacs-maintenance.service"} < {
        *stopped
    }
    assert "webmacs-server.service" not in stopped
