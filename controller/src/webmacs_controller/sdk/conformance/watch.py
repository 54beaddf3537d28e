"""Notices when an event loop stands still, and where."""

import asyncio
import sys
import threading
import traceback
from types import TracebackType

SAMPLES = 25
SAMPLE_SECONDS = 0.01
"""A quarter of a second, counted in samples: on a machine that starves us as a whole the watcher counts slowly, too."""


class LoopWatch:
    """A thread that asks the running loop for a sign of life. `blocked_at` is the stack that gave none."""

    def __init__(self) -> None:
        self.blocked_at: str | None = None
        self._loop = asyncio.get_running_loop()
        self._watched = threading.get_ident()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="conformance watch", daemon=True)

    def __enter__(self) -> "LoopWatch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    async def settled(self) -> None:
        """Let the loop turn once, so that a sign that is asked for is given."""
        await asyncio.sleep(0)

    def _watch(self) -> None:
        while not self._stopped.wait(SAMPLE_SECONDS):
            alive = threading.Event()
            self._loop.call_soon_threadsafe(alive.set)
            # who ends the watch waits for this thread, and the loop for them
            if not any(alive.wait(SAMPLE_SECONDS) or self._stopped.is_set() for _ in range(SAMPLES)):
                self.blocked_at = self._stack()
                return

    def _stack(self) -> str:
        frame = sys._current_frames().get(self._watched)
        return "".join(traceback.format_stack(frame)[-3:]) if frame else ""
