"""The controller's side of its guard: signs of life, and what the next process has to know."""

import asyncio
import logging
import socket
from collections.abc import Callable

import msgspec

from webmacs_controller.safety.past import Past

log = logging.getLogger(__name__)

BEAT_SECONDS = 1.0


class Pulse:
    """`past` is what the process before this one knew; None: there was none, or nobody knows. `falls`: how many before
    this one died in quick succession."""

    def __init__(self, line: socket.socket, past: Past | None, falls: int = 0) -> None:
        self.past = past
        self.falls = falls
        self._line = line
        line.setblocking(False)

    async def run(self, know: Callable[[], Past], stop: asyncio.Event) -> None:
        """Beats until cancelled. Without a guard nobody would make outputs safe after a crash: then it stops itself."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._line, self._end, stop)
        try:
            while True:
                self._beat(know())
                await asyncio.sleep(BEAT_SECONDS)
        finally:
            loop.remove_reader(self._line)

    def _beat(self, past: Past) -> None:
        try:
            self._line.send(msgspec.json.encode(past))
        except BlockingIOError:  # the guard is held up; it will find the beats that are waiting
            pass
        except OSError as error:
            log.debug("no beat: %s", error)

    def _end(self, stop: asyncio.Event) -> None:
        asyncio.get_running_loop().remove_reader(self._line)
        log.error("the guard of this process is gone: it stops, so that no output is left alone")
        stop.set()
