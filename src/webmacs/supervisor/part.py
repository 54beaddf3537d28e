"""One part of the installation: a program that runs beside us and dies with us."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webmacs.problem import Problem
from webmacs.supervisor.log_file import LogFile
from webmacs.supervisor.signals import receive_signals

PR_SET_PDEATHSIG = 1
TAIL_LINES = 15
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
POLL_SECONDS = 0.03

_libc = ctypes.CDLL(None)


class PartFailed(Problem):
    """A part ended, or does not answer; says which and shows the end of its log."""


@dataclass(frozen=True)
class Part:
    """How to start one part, to know that it answers, and to stop it.

    `popen` holds further arguments of subprocess.Popen, such as the account. `ready` is asked again and again; it may
    raise Problem when waiting is of no use.
    """

    name: str
    command: list[str]
    log: Path
    ready: Callable[[], bool]
    environment: Mapping[str, str]
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    popen: Mapping[str, Any] = field(default_factory=dict)


class Running:
    """A part that was started."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.log = LogFile(part.log)
        self._process = _start(part)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_until_ready(self) -> None:
        """Return when the part answers. Raises PartFailed if it ends before, or says nothing for a minute."""
        deadline = time.monotonic() + READY_SECONDS
        while not self.part.ready():
            if self._process.poll() is not None:
                raise self.ended()
            if time.monotonic() > deadline:
                raise self._failed(f"{self.part.name} does not answer after {READY_SECONDS:.0f} seconds.")
            time.sleep(POLL_SECONDS)

    def ended(self) -> PartFailed:
        """The sentence about a part that ended by itself."""
        code = self._process.wait()
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        return self._failed(f"{self.part.name} {how}.")

    def stop(self) -> None:
        """Ask the part to end, and wait for it; a part that does not listen is killed."""
        if self._process.poll() is not None:
            return
        self._process.send_signal(self.part.stop_signal)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _failed(self, sentence: str) -> PartFailed:
        tail = self.log.said().splitlines()[-TAIL_LINES:]
        shown = "".join(f"\n  {line}" for line in tail) or " It said nothing."
        return PartFailed(f"{sentence} The end of {self.part.log}:{shown}")


def _start(part: Part) -> subprocess.Popen[bytes]:
    parent = os.getpid()

    def die_with_parent() -> None:
        # Runs in the child, after it took its account: the kernel forgets this at a change of account.
        _libc.prctl(PR_SET_PDEATHSIG, part.stop_signal)
        receive_signals()
        if os.getppid() != parent:
            os._exit(1)  # we ended in between

    with part.log.open("ab") as log:
        try:
            return subprocess.Popen(
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=part.folder,
                env=dict(part.environment),
                start_new_session=True,  # Ctrl-C in the terminal reaches us alone, and we stop the parts in order
                preexec_fn=die_with_parent,
                **part.popen,
            )
        except OSError as error:
            raise Problem(f"{part.name} cannot be started: {part.command[0]}: {error.strerror}.") from None
