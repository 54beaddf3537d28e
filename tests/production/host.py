"""An installed machine in a folder."""

import os
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.units import Unit
from webmacs.install.machine import Machine

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
