"""systemd's journal by its own protocol, so that lines can be found by their fields: `journalctl REQUEST_ID=…`."""

import logging
import os
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from webmacs_controller.logs.lines import in_one_line

SOCKET = Path("/run/systemd/journal/socket")
# A datagram of the system takes about 200 KB; a trace is shorter.
MOST = 48 * 1024
PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.DEBUG, 7))

Fields = Mapping[str, str]


def is_connected() -> bool:
    """Whether the service manager has given standard error to the journal."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    try:
        error = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        return False
    return (device, inode) == (str(error.st_dev), str(error.st_ino))


def fields_of(record: logging.LogRecord) -> Fields:
    """What every record has."""
    return {
        "LOGGER": record.name,
        "CODE_FILE": record.pathname,
        "CODE_LINE": str(record.lineno),
        "CODE_FUNC": record.funcName or "",
    }


class JournalHandler(logging.Handler):
    """A record is an entry. Where the journal takes none, it is a line of standard error with its priority before it,
    which the journal understands as well."""

    def __init__(self, name: str, fields: Callable[[logging.LogRecord], Fields], path: Path = SOCKET) -> None:
        super().__init__()
        self._name = name
        self._fields = fields
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def emit(self, record: logging.LogRecord) -> None:
        """Never waits for the journal."""
        try:
            priority = next((number for level, number in PRIORITIES if record.levelno >= level), 7)
            self._send(record, priority)
        except Exception:  # as all handlers of logging do
            self.handleError(record)

    def close(self) -> None:
        """Of the socket."""
        self._socket.close()
        super().close()

    def _send(self, record: logging.LogRecord, priority: int) -> None:
        trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else ""
        message = in_one_line(record.getMessage()) + (f"\n{trace}" if trace else "")
        entry = {
            "MESSAGE": message[:MOST],
            "PRIORITY": str(priority),
            "SYSLOG_IDENTIFIER": self._name,
            **self._fields(record),
        }
        try:
            self._socket.sendto(b"".join(_encoded(key, value) for key, value in entry.items() if value), self._path)
        except OSError:
            sys.stderr.write("".join(f"<{priority}>{line}\n" for line in message.splitlines()))
            sys.stderr.flush()


def _encoded(key: str, value: str) -> bytes:
    text = value.encode("utf-8", errors="replace")
    if b"\n" not in text:
        return key.encode() + b"=" + text + b"\n"
    return key.encode() + b"\n" + struct.pack("<Q", len(text)) + text + b"\n"
