"""The controller's service: the launcher starts the version that runs, and the next one when the symlink changes."""

import time
from pathlib import Path

from tests.support.run import Run
from tests.support.units import Machine
from tests.support.updates import Maker
from tests.updates.versions import GOOD, begun, bundle, installation

READY = """/usr/bin/python3 -c '
import os, socket
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])'
"""


def test_an_update_takes_effect_while_the_service_goes_on(run: Run, tmp_path: Path) -> None:
    machine, maker = Machine(tmp_path, run, {"LOG": str(tmp_path / "log")}), Maker(tmp_path)
    service = machine.service("webmacs-controller.service")
    folder = tmp_path / "var/lib/webmacs-controller/versions"
    folder.parent.mkdir(parents=True)
    begun(maker, folder, READY + GOOD)
    service.start()
    assert service.process is not None
    pid = service.process.pid
    assert [version(line) for line in started(tmp_path, 1)] == ["1.0"]
    installation(folder, READY + GOOD).install(bundle(maker, 2))
    assert [version(line) for line in started(tmp_path, 2)] == ["1.0", "2.0"]
    assert (service.process.pid, service.process.poll()) == (pid, None)
    service.stop()


def started(folder: Path, count: int) -> list[str]:
    """What was started, when so many were."""
    deadline = time.monotonic() + 30
    while len(lines := (folder / "log").read_text().splitlines()) < count:
        assert time.monotonic() < deadline, lines
        time.sleep(0.05)
    return lines


def version(command: str) -> str:
    return command.split("/versions/")[-1].split("-")[1]
