"""All parts that run: started one after the other, watched together, stopped in reverse order."""

import os
import time
from threading import Thread

from webmacs.supervisor.part import Part, Running
from webmacs.supervisor.signals import deferred, ignore_signals

TRIM_SECONDS = 10.0


class Crew:
    """The running parts. As a context manager it stops them all at the end, whatever happened."""

    def __init__(self) -> None:
        self._running: list[Running] = []

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *error: object) -> None:
        ignore_signals()
        for running in reversed(self._running):
            running.stop()

    def start(self, part: Part) -> None:
        """Start a part and wait until it answers. Raises Problem."""
        with deferred():
            running = Running(part)
            self._running.append(running)
        running.wait_until_ready()

    def watch(self) -> None:
        """Wait until one of the parts ends. Raises PartFailed then. Meanwhile no log grows for ever."""
        with deferred():  # so that a signal reaches us, who wait for it, and not the thread
            Thread(target=self._trim_logs, name="logs", daemon=True).start()
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            for running in self._running:
                if ended is not None and running.pid == ended.si_pid:
                    raise running.ended()
            os.waitpid(-1, os.WNOHANG)  # not one of ours: as process 1 of a container we inherit others

    def _trim_logs(self) -> None:
        while True:
            for running in self._running:
                running.log.trim()
            time.sleep(TRIM_SECONDS)
