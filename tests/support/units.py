"""Starts what the unit files say, where systemd is not the first process: of its rules those that ours need."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.ports import free_port
from tests.support.run import Run

UNITS = Path(__file__).parents[2] / "systemd"
# The process is to know its own number, as systemd tells it.
BEGIN = 'LISTEN_PID=$$ exec "$@"'
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Unit:
    """A unit file. Each key has all its values, in order."""

    name: str
    sections: dict[str, dict[str, list[str]]]

    @classmethod
    def read(cls, name: str, folder: Path = UNITS) -> "Unit":
        """Of the instance that the name has, if it has one."""
        stem, _, rest = name.partition("@")
        instance, _, kind = rest.partition(".")
        file = folder / (f"{stem}@.{kind}" if rest else name)
        sections: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        section = ""
        for line in file.read_text().splitlines():
            if line.startswith("["):
                section = line.strip("[]")
            elif line and not line.startswith("#"):
                key, _, value = line.partition("=")
                sections[section][key].append(value.replace("%i", instance))
        return cls(name, sections)

    def all(self, key: str, section: str = "Service") -> list[str]:
        return self.sections[section][key]

    def one(self, key: str, section: str = "Service") -> str:
        return self.sections[section][key][-1]


@dataclass
class Machine:
    """Where the paths of the units lead in a test: `folder` takes the place of the root."""

    folder: Path
    run: Run
    environment: dict[str, str]
    sockets: dict[str, socket.socket] = field(default_factory=dict)

    def path(self, text: str) -> str:
        """The same within the folder; programs are those of this environment."""
        for program in ("/opt/webmacs-controller/bin", "/opt/webmacs/current/bin"):
            text = text.replace(program, str(BIN))
        for root in ("/etc/webmacs", "/run/webmacs", "/var/lib/webmacs"):
            text = text.replace(root, f"{self.folder}{root}")
        return text

    def listen(self, name: str) -> None:
        """A socket unit. Nothing closes it until the end."""
        unit = Unit.read(name)
        path = Path(self.path(unit.one("ListenStream", "Socket")))
        path.parent.mkdir(parents=True, exist_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        path.chmod(int(unit.one("SocketMode", "Socket"), 8))
        listener.listen(1024)
        self.sockets[name] = listener

    def service(self, name: str) -> "Service":
        return Service(Unit.read(name), self)


@dataclass
class Service:
    """A unit that runs, and what it has told."""

    unit: Unit
    machine: Machine
    process: subprocess.Popen[bytes] | None = None
    told: list[str] = field(default_factory=list)
    metrics_port: int = field(default_factory=free_port)

    def start(self) -> None:
        """Return when it has said that it is ready, as `systemctl start` does."""
        self._messages = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify = self.machine.folder / f"notify-{self.unit.name}"
        notify.unlink(missing_ok=True)
        self._messages.bind(str(notify))
        self.told.clear()
        listeners = [self.machine.sockets[name] for names in self.unit.all("Sockets") for name in names.split()]
        environment = self._environment() | {"NOTIFY_SOCKET": str(notify), "LISTEN_FDS": str(len(listeners))}
        command = shlex.split(self.machine.path(self.unit.one("ExecStart")))

        def pass_sockets() -> None:
            for place, listener in enumerate([os.dup(one.fileno()) for one in listeners]):
                os.dup2(listener, 3 + place)

        with (self.machine.folder / f"{self.unit.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", BEGIN, "sh", *command],
                env=environment,
                stdout=log,
                stderr=log,
                preexec_fn=pass_sockets,
                pass_fds=range(3, 3 + len(listeners)),
            )
        self.machine.run.ends(self.process)
        self.hear("READY=1", float(self.unit.one("TimeoutStartSec")))

    def hear(self, message: str, seconds: float) -> None:
        """Wait for another such message. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while True:
            self._messages.settimeout(max(deadline - time.monotonic(), 0.01))
            with suppress(TimeoutError):
                self.told.append(self._messages.recv(1024).decode())
                if self.told[-1] == message:
                    return
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"{self.unit.name} ended with {self.process.returncode}:\n{self.log()[-3000:]}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.unit.name} did not say {message}, but {self.told}:\n{self.log()[-3000:]}")

    def reload(self) -> None:
        """ExecReload."""
        assert self.unit.one("ExecReload") == "/bin/kill -HUP $MAINPID"
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """Raises TimeoutExpired where systemd would kill it."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(float(self.unit.one("TimeoutStopSec")))
        self._messages.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def log(self) -> str:
        return (self.machine.folder / f"{self.unit.name}.log").read_text(errors="replace")

    def _environment(self) -> dict[str, str]:
        """What the unit sets, and nothing of ours but what the test says."""
        found = {"PATH": os.environ["PATH"], **self.machine.environment}
        for line in self.unit.all("Environment"):
            found |= dict(pair.split("=", 1) for pair in shlex.split(self.machine.path(line)))
        if "WEBMACS_SERVER_METRICS_PORT" in found:  # of the machine, on which other tests run
            found["WEBMACS_SERVER_METRICS_PORT"] = str(self.metrics_port)
        credentials = self.machine.folder / "credentials" / self.unit.name
        credentials.mkdir(parents=True, exist_ok=True)
        for line in self.unit.all("LoadCredential"):
            name, _, source = line.partition(":")
            (credentials / name).write_text(Path(self.machine.path(source)).read_text())
        for kind, root in (("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run")):
            for name in self.unit.all(kind):
                (self.machine.folder / root.lstrip("/") / name).mkdir(parents=True, exist_ok=True)
        return found | {"CREDENTIALS_DIRECTORY": str(credentials)}
