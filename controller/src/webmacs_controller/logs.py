"""Logs for people: one line each, to stderr."""

import logging


class _OneLine(logging.Formatter):
    """What comes from devices and servers may hold line breaks."""

    def format(self, record: logging.LogRecord) -> str:
        return " ".join(super().format(record).split())


def to_stderr() -> None:
    """The controller from INFO. The WebSocket library from WARNING: its DEBUG lines would show the token."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)-7s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("websockets").setLevel(logging.WARNING)
