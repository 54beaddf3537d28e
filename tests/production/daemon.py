"""A service of Debian, kept running as its unit says."""

import os
import time
from contextlib import suppress

import psutil

from tests.production.host import Host
from tests.production.services import LOOK, Part

PATIENCE = 90  # seconds that systemd has with what is to end, where nothing else is said


class Daemon(Part):
    """A service of Debian that goes into the background (Type=forking) and is started again when it was killed."""

    def __init__(self, host: Host, name: str, pid_file: str, start: list[str], stop: list[str], pause: float) -> None:
        super().__init__(name)
        self._host, self._pid_file, self._start, self._stop = host, pid_file, start, stop
        self._pause = pause

    def processes(self) -> list[psutil.Process]:
        first = psutil.Process(self._pid())
        return [first, *first.children(recursive=True)]

    def stop(self) -> None:
        self._wanted = False
        self._host.run(*self._stop)
        self._thread.join(PATIENCE)
        if self._thread.is_alive():  # as systemd does
            self.kill(lambda processes: processes)
            self._thread.join()
        self._host.path(self._pid_file).unlink(missing_ok=True)

    def _keep(self) -> None:
        while self._wanted:
            self._host.path(self._pid_file).unlink(missing_ok=True)
            try:
                self._host.run(*self._start)
            except RuntimeError as error:  # such as: what is left of the one before has not ended yet
                print(f"{self.name}: {str(error).splitlines()[-1]}", flush=True)
                time.sleep(self._pause)
                continue
            self.starts += 1
            while not self._host.path(self._pid_file).exists():  # it is in the background, and writes it soon
                time.sleep(LOOK)
            self.ready.set()
            children: list[psutil.Process] = []
            pid = self._pid()
            while _lives(pid):
                with suppress(psutil.NoSuchProcess, FileNotFoundError):
                    children = self.processes()
                time.sleep(LOOK)
            self.ready.clear()
            for child in children[1:]:  # KillMode: nothing of it stays
                with suppress(psutil.NoSuchProcess):
                    child.kill()
            if self._wanted:
                time.sleep(self._pause)

    def _pid(self) -> int:
        return int(self._host.path(self._pid_file).read_text().split()[0])


def _lives(pid: int) -> bool:
    with suppress(ChildProcessError):  # where this is the first process of its name space, it inherits all others
        os.waitpid(pid, os.WNOHANG)
    return psutil.pid_exists(pid)
