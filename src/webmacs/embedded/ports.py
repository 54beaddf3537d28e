"""Whether a port is free, and who has it if not."""

import socket
import time
from pathlib import Path

from webmacs.problem import Problem

# Seconds for the parts of an earlier run, killed just now, to let go of their ports.
PATIENCE = 5.0
LISTEN = "0A"


def require_free(host: str, port: int, setting: str) -> None:
    """Raise Problem, naming the holder, if nothing can listen on this port; `setting` is where it is chosen."""
    deadline = time.monotonic() + PATIENCE
    while not _is_free(host, port, setting):
        if time.monotonic() > deadline:
            raise Problem(
                f"Port {port} is in use by {_holder(port)}; stop that, or set another {setting} in config.toml."
            )
        time.sleep(0.1)


def _is_free(host: str, port: int, setting: str) -> bool:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise Problem(f"The host {host} beside {setting} has no address: {error.strerror}.") from None
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError:
            raise Problem(f"Port {port} needs root; set another {setting} in config.toml.") from None
        except OSError:
            return False
        return True


def _holder(port: int) -> str:
    """The program that listens on `port`, as far as /proc lets us see it."""
    inodes = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in inodes for link in (process / "fd").iterdir()):
                return f"{(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue  # ended meanwhile, or another account's
    return "a program of another account"


def _listening(port: int) -> set[str]:
    """The inodes of the sockets that listen on `port`."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
        except OSError:
            continue
        inodes |= {row[9] for row in rows if row[3] == LISTEN and int(row[1].rsplit(":", 1)[1], 16) == port}
    return inodes
