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
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.support.units import BEGIN, Unit
from webmacs.install.machine import Machine

LOOK = 0.05
PATIENCE = 90  # seconds that systemd has with what is to end, where nothing else is said
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass
class Host:
    """The machine below `root`, seen from outside."""

    root: Path
    sockets: dict[str, socket.socket] = field(default_factory=dict)

    @property
    def accounts(self) -> Machine:
        return Machine(self.root)

    def unit(self, name: str) -> Unit:
        return Unit.read(name, self.root / "etc/systemd/system")

    def path(self, name: str) -> Path:
        return self.accounts.path(name)

    def run(self, *command: str) -> str:
        """In the machine, as root. Raises RuntimeError."""
        done = subprocess.run(
            ["/usr/sbin/chroot", str(self.root), *command],
            env={"PATH": PATH, "HOME": "/root", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def listen(self, name: str) -> None:
        """A socket unit; it stays, whatever becomes of its services."""
        unit = self.unit(name)
        path = self.path(unit.one("ListenStream", "Socket"))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        owner = self.accounts.owner(unit.one("SocketUser", "Socket"), unit.one("SocketGroup", "Socket"))
        os.chown(path, *owner)
        path.chmod(int(unit.one("SocketMode", "Socket"), 8))
        listener.listen(1024)
        self.sockets[name] = listener


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


class Daemon(Part):
    """A service of Debian that goes into the background (Type=forking) and is started again when it was killed."""

    def __init__(self, host: Host, name: str, pid_file: str, start: list[str], stop: list[str], pause: float) -> None:
        super().__init__(name)
        self._host, self._pid_file, self._start, self._stop = host, pid_file, start, stop
        self._pause = pause

    def processes(self) -> list[psutil.Process]:
        first = psutil.Process(self._pid())
        return [first, *first.children(recursive=True)]

    def stop(self) -> None:
        self._wanted = False
        self._host.run(*self._stop)
        self._thread.join(PATIENCE)
        if self._thread.is_alive():  # as systemd does
            self.kill(lambda processes: processes)
            self._thread.join()
        self._host.path(self._pid_file).unlink(missing_ok=True)

    def _keep(self) -> None:
        while self._wanted:
            self._host.path(self._pid_file).unlink(missing_ok=True)
            try:
                self._host.run(*self._start)
            except RuntimeError as error:  # such as: what is left of the one before has not ended yet
                print(f"{self.name}: {str(error).splitlines()[-1]}", flush=True)
                time.sleep(self._pause)
                continue
            self.starts += 1
            while not self._host.path(self._pid_file).exists():  # it is in the background, and writes it soon
                time.sleep(LOOK)
            self.ready.set()
            children: list[psutil.Process] = []
            pid = self._pid()
            while _lives(pid):
                with suppress(psutil.NoSuchProcess, FileNotFoundError):
                    children = self.processes()
                time.sleep(LOOK)
            self.ready.clear()
            for child in children[1:]:  # KillMode: nothing of it stays
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            if self._wanted:
                time.sleep(self._pause)

    def _pid(self) -> int:
        return int(self._host.path(self._pid_file).read_text().split()[0])


def _lives(pid: int) -> bool:
    with suppress(ChildProcessError):  # where this is the first process of its name space, it inherits all others
        os.waitpid(pid, os.WNOHANG)
    return psutil.pid_exists(pid)
