"""Unix sockets: of programs on this machine, and of the gateway. Who comes by one is known by that, whatever a header
says."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from starlette.requests import HTTPConnection

from webmacs.problem import Problem

MODE = 0o660  # for the account that the sidecar runs as, and its group


@contextmanager
def local_socket(path: Path, setting: str = "local_socket") -> Iterator[socket.socket]:
    """A listening socket at `path`, of this process alone. Raises Problem if it cannot be made."""
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = Path(f"{path}.lock").open("w")  # noqa: SIM115 - closed below
        except OSError as error:
            raise _problem(path, setting, error) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _listen(listener, path)
            except OSError as error:
                raise _problem(path, setting, error) from None
            yield listener


def came_by(connection: HTTPConnection, path: Path | None) -> bool:
    """Whether the request came by the socket at `path`. The kernel says so."""
    return bool(path and connection.scope.get("server") == (str(path), None))


def _listen(listener: socket.socket, path: Path) -> None:
    if path.is_socket():  # of one that ended; whoever has the lock may
        path.unlink()
    os.fchmod(listener.fileno(), 0o600)  # at no moment open to more than it shall be
    listener.bind(str(path))
    path.chmod(MODE)
    listener.listen(128)


def _problem(path: Path, setting: str, error: OSError) -> Problem:
    reason = "another sidecar has it" if isinstance(error, BlockingIOError) else error.strerror or str(error)
    return Problem(f"Cannot listen on {path}: {reason}. Set [server] {setting} in config.toml.")
