"""Plays systemd for an installed machine: starts what its unit files say, watches it, and starts it again.

Of what systemd does that which counts here: accounts, sockets, secrets, folders, readiness, watchdogs, restarts. What
it locks away from services is looked at by tests/systemd.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from tests.production.host import PATH, Host
from tests.support.units import BEGIN

LOOK = 0.05


class Part:
    """Something that is kept running."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.starts = 0
        self.ready = threading.Event()
        self._wanted = True
        self._thread = threading.Thread(target=self._keep, daemon=True)

    def start(self, seconds: float = 120) -> None:
        """Return when it is ready. Raises TimeoutError."""
        self._wanted = True
        self.ready.clear()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()
        self.wait(seconds)

    def wait(self, seconds: float = 120) -> None:
        """Until it is ready. Raises TimeoutError."""
        if not self.ready.wait(seconds):
            raise TimeoutError(f"{self.name} was not ready within {seconds:g} s: {self.log()[-3000:]}")

    def processes(self) -> list[psutil.Process]:
        """The first one, and those that it has started."""
        raise NotImplementedError

    def kill(self, which: Callable[[list[psutil.Process]], Sequence[psutil.Process]]) -> None:
        """kill -9."""
        chosen = which(self.processes())
        if not chosen:
            raise RuntimeError(f"{self.name} has no such process.")
        if chosen[0] == self.processes()[0]:
            self.ready.clear()
        for process in chosen:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def stop(self) -> None:
        raise NotImplementedError

    def log(self) -> str:
        return ""

    def _keep(self) -> None:
        raise NotImplementedError


class Service(Part):
    """A unit of ours: Type=notify, Restart=always."""

    def __init__(self, host: Host, name: str) -> None:
        super().__init__(name)
        self.unit, self._host = host.unit(name), host
        self._file = host.path(f"/var/log/{name}.log")
        self._process: subprocess.Popen[bytes] | None = None
        self.watchdogs = 0

    def processes(self) -> list[psutil.Process]:
        first = psutil.Process(self._process.pid if self._process else -1)
        return [first, *first.children(recursive=True)]

    def stop(self) -> None:
        """As `systemctl stop`."""
        self._wanted = False
        if self._process is not None:
            self._process.terminate()
        self._thread.join(float(self.unit.one("TimeoutStopSec")) + 5)

    def reload(self) -> None:
        """ExecReload, which sends SIGHUP."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def log(self) -> str:
        return self._file.read_text(errors="replace")

    def _keep(self) -> None:
        while self._wanted:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as messages:
                self._begin(messages)
                self._watch(messages)
            self.ready.clear()
            self._sweep()
            if self._wanted:
                time.sleep(float(self.unit.one("RestartSec")))

    def _begin(self, messages: socket.socket) -> None:
        place = f"/run/notify-{self.name}"
        notify = self._host.path(place)
        notify.unlink(missing_ok=True)
        messages.bind(str(notify))
        messages.settimeout(LOOK)
        notify.chmod(0o777)
        listeners = [self._host.sockets[name] for line in self.unit.all("Sockets") for name in line.split()]
        environment = self._environment() | {"NOTIFY_SOCKET": place, "LISTEN_FDS": str(len(listeners))}
        with self._file.open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", BEGIN, "sh", *shlex.split(self.unit.one("ExecStart"))],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=self._become(listeners),
                pass_fds=range(3, 3 + len(listeners)),
            )
        self.starts += 1

    def _become(self, listeners: Sequence[socket.socket]) -> Callable[[], None]:
        accounts = self._host.accounts
        uid, gid = accounts.owner(self.unit.one("User"), self.unit.one("Group"))
        groups = [gid]
        for line in self.unit.all("SupplementaryGroups"):
            groups += [number for name in line.split() if (number := accounts.group(name)) is not None]

        def become() -> None:
            for place, listener in enumerate([os.dup(one.fileno()) for one in listeners]):
                os.dup2(listener, 3 + place)
            os.chroot(self._host.root)
            os.chdir("/")
            os.setgroups(groups)
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            os.umask(int(self.unit.one("UMask"), 8))

        return become

    def _watch(self, messages: socket.socket) -> None:
        """Until it has ended."""
        assert self._process is not None
        patience = float((self.unit.all("WatchdogSec") or ["inf"])[-1])
        heard = time.monotonic() + float(self.unit.one("TimeoutStartSec"))
        while self._process.poll() is None:
            with suppress(TimeoutError):
                for message in messages.recv(4096).decode(errors="replace").split():
                    if message == "READY=1":
                        self.ready.set()
                    heard = max(heard, time.monotonic()) if message == "READY=1" else time.monotonic()
            if time.monotonic() - heard > patience:
                self.watchdogs += 1
                self._process.kill()

    def _sweep(self) -> None:
        """What the service has left behind: processes, and its folder in /run."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for name in self.unit.all("RuntimeDirectory"):
            shutil.rmtree(self._host.path(f"/run/{name}"), ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        accounts = self._host.accounts
        owner = accounts.owner(self.unit.one("User"), self.unit.one("Group"))
        found = {"PATH": PATH, "LANG": "C.UTF-8", "HOME": "/"}
        for line in self.unit.all("Environment"):
            found |= dict(pair.split("=", 1) for pair in shlex.split(line))
        for kind, parent in (("StateDirectory", "/var/lib"), ("RuntimeDirectory", "/run")):
            mode = int((self.unit.all(f"{kind}Mode") or ["0755"])[-1], 8)
            for name in self.unit.all(kind):
                self._folder(f"{parent}/{name}", mode, owner)
        place = f"/run/credentials/{self.name}"
        folder = self._folder(place, 0o500, owner)
        for line in self.unit.all("LoadCredential"):
            name, _, source = line.partition(":")
            (folder / name).write_bytes(self._host.path(source).read_bytes())
            os.chown(folder / name, *owner)
            (folder / name).chmod(0o400)
        return found | {"CREDENTIALS_DIRECTORY": place}

    def _folder(self, name: str, mode: int, owner: tuple[int, int]) -> Path:
        path = self._host.path(name)
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, *owner)
        path.chmod(mode)
        return path
