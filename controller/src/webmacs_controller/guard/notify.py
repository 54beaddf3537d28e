"""Tells systemd that the service has begun, and that it lives (sd_notify)."""

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """`READY=1`, `WATCHDOG=1` and the like; nothing, where systemd does not ask for it (`Type=notify`)."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    address = f"\0{path[1:]}" if path.startswith("@") else path
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as messages:
        messages.setblocking(False)
        messages.sendto(state.encode(), address)
