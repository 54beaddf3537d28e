"""Sockets that the service manager listens on for us (sd_listen_fds): one queue for several sidecars, never closed.

While one of them starts anew its clients are taken by the others, or wait in the queue.
"""

import os
import socket
from collections.abc import Mapping

FIRST = 3  # the file descriptor after standard error


def passed_sockets(environ: Mapping[str, str] = os.environ) -> list[socket.socket]:
    """Those that were passed to this very process; none, if it listens by itself."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    return [socket.socket(fileno=FIRST + place) for place in range(int(environ.get("LISTEN_FDS", "0")))]
