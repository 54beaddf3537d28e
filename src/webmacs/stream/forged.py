"""Notifications that PostgreSQL's functions did not send: any SQL login may notify anything, as often as it likes."""

import logging
import time

SECONDS = 60.0

log = logging.getLogger(__name__)


class Forged:
    """Says so once a minute, so that nobody can fill the disk with it."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._again_at = float("-inf")

    def note(self, error: Exception) -> None:
        """One is not understood."""
        if time.monotonic() >= self._again_at:
            self._again_at = time.monotonic() + SECONDS
            log.warning("A notification on %s is not understood: %s", self._channel, error)
