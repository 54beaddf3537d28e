"""The controller's side of its guard: signs of life, and what the next process has to know."""

import asyncio
import faulthandler
import logging
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

import msgspec

from webmacs_controller.guard.witness import Witness
from webmacs_controller.safety.past import Blocked, Past

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0

STDERR = 2

STILL_SECONDS = 8.0
"""Without a beat for so long the log gets where all threads stand, also one that lets no other run: before the guard
kills the process."""


class Pulse:
    """`past` is what the process before this one knew; None: there was none, or nobody knows. `falls`: how many before
    this one died in quick succession, and nobody knows why; `blames`: how many because an instance held them up."""

    def __init__(
        self, line: socket.socket, past: Past | None, falls: int = 0, blames: Mapping[str, int] | None = None
    ) -> None:
        self.past = past
        self.falls = falls
        self.blames = blames or {}
        self._line = line
        self._witness = Witness(self._accuse)
        line.setblocking(False)

    async def run(self, know: Callable[[], Past], stop: asyncio.Event) -> None:
        """Beats until cancelled. Without a guard nobody would make outputs safe after a crash: then it stops itself."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._line, self._end, stop)
        self._witness.start()
        try:
            while True:
                self._witness.beat()
                faulthandler.dump_traceback_later(STILL_SECONDS, file=STDERR)
                await self._beat(know())
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            self._witness.stop()
            faulthandler.cancel_dump_traceback_later()
            loop.remove_reader(self._line)

    async def _beat(self, past: Past) -> None:
        """A guard that is held up is waited for: it hears all parts, or none of them counts."""
        loop = asyncio.get_running_loop()
        try:
            for part in past.parts():
                await loop.sock_sendall(self._line, msgspec.json.encode(part))
        except OSError as error:
            log.debug("no beat: %s", error)

    def _accuse(self, instance: str) -> None:
        """From a thread: the event loop, which would do it, stands still."""
        with suppress(OSError):
            self._line.send(msgspec.json.encode(Blocked(instance)))

    def _end(self, stop: asyncio.Event) -> None:
        asyncio.get_running_loop().remove_reader(self._line)
        log.error("the guard of this process is gone: it stops, so that no output is left alone")
        stop.set()
