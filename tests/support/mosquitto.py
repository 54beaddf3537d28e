"""An MQTT broker: mosquitto, to be stopped, killed and frozen."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.ports import free_port

READY_SECONDS = 30
ROOT = ("user root", "log_type all", "persistence false")


def program(name: str) -> str:
    """The path of one of mosquitto's programs. Skips if it is missing."""
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/sbin")
    if found is None:
        pytest.skip(f"{name} is missing; install: apt-get install mosquitto")
    return found


@dataclass
class Mosquitto:
    """One broker with a folder of its own; `settings` are lines of its mosquitto.conf."""

    folder: Path
    settings: Sequence[str] = ("allow_anonymous true",)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        file = self.folder / f"mosquitto-{self.port}.conf"
        file.write_text("\n".join([*ROOT, f"listener {self.port} 127.0.0.1", *self.settings, ""]))
        with (self.folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([program("mosquitto"), "-c", str(file)], stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS
        while not self._listens():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it; SIGKILL as a crash does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def log(self) -> str:
        """What it has said."""
        return (self.folder / "mosquitto.log").read_text()

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False
