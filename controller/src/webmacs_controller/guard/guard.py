"""The parent process of the controller: it measures nothing and touches no device, so it has nothing to die of."""

import gc
import logging
import math
import os
import select
import signal
import socket
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from webmacs_controller.guard.notify import notify
from webmacs_controller.guard.pulse import Pulse
from webmacs_controller.safety.past import Blocked, Past

log = logging.getLogger(__name__)

HANG_SECONDS = 10.0
"""An event loop that gives no sign of life for so long stands still."""

BEGIN_SECONDS = 60.0
"""For the first sign of life: plugins are loaded."""

POLL_SECONDS = 0.05
"""Between two looks at a process that is dying."""

DYING_SECONDS = 5.0

LONGEST_WAIT_SECONDS = 10.0
STEADY_SECONDS = 60.0
"""A process that has lived for so long is begun anew at once."""

ANEW = 75
"""With this code the controller's process asks to be begun by a Python that has loaded nothing: there is other code."""

BEAT_BYTES = 1 << 20
SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass
class Child:
    """A process of the controller. `lines` is empty when nothing more is to be heard from it; `deadline`: until then a
    sign of life is due, or its death."""

    pid: int
    line: socket.socket
    lines: list[socket.socket]
    began: float
    deadline: float
    stopping: bool = False


def guarded() -> Pulse:
    """Returns in a process of its own, again and again; in the one that calls this it never returns."""
    return Guard().run()


class Guard:
    """Forks, so that a new process begins at once, with all code loaded: also when the disk is gone or full, or
    somebody is just installing another version."""

    def __init__(self) -> None:
        self._past: Past | None = None
        self._devices: dict[str, float] = {}  # of a past that is being told
        self._blocked = ""
        self._blames: Counter[str] = Counter()
        self._unexplained = 0
        self._stopping = False
        self._last = False
        self._falls = 0
        self._signals, self._wakeup = socket.socketpair()

    def run(self) -> Pulse:
        """As `guarded`."""
        self._listen()
        gc.freeze()  # else collecting garbage would copy what the processes share
        while True:
            child = self._begin()
            if isinstance(child, Pulse):
                return child
            status = self._watch(child)
            child.line.close()
            self._end_if_done(status)
            self._wait_after(child, status)

    def _listen(self) -> None:
        for end in (self._signals, self._wakeup):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wakeup.fileno())
        for number in SIGNALS:
            signal.signal(number, lambda *_: None)

    def _begin(self) -> Child | Pulse:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            self._become_the_controller()
            ours.close()
            return Pulse(theirs, self._past, self._unexplained, dict(self._blames))
        theirs.close()
        now = time.monotonic()
        return Child(pid, ours, [ours], now, now + BEGIN_SECONDS)

    def _become_the_controller(self) -> None:
        signal.set_wakeup_fd(-1)
        for number in SIGNALS:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        self._signals.close()
        self._wakeup.close()

    def _watch(self, child: Child) -> int:
        """Until it is dead. How it died, as `os.waitpid` has it."""
        while (ended := os.waitpid(child.pid, os.WNOHANG)) == (0, 0):
            wait = max(0.0, child.deadline - time.monotonic()) if child.lines else POLL_SECONDS
            ready, _, _ = select.select([*child.lines, self._signals], [], [], wait)
            if self._signals in ready:
                self._pass_on(child)
            if child.line in ready and not self._hear(child):
                child.lines.clear()  # it dies, and if it does not do so soon
                child.deadline = time.monotonic() + DYING_SECONDS
            elif time.monotonic() >= child.deadline:
                self._kill(child)
        return ended[1]

    def _kill(self, child: Child) -> None:
        log.error("the controller gives no sign of life, it is killed")
        os.kill(child.pid, signal.SIGKILL)
        child.lines.clear()
        child.deadline = math.inf  # a process that waits for its disk dies when that has answered

    def _pass_on(self, child: Child) -> None:
        self._note_signals()
        os.kill(child.pid, signal.SIGTERM)

    def _note_signals(self) -> None:
        with suppress(BlockingIOError):
            self._signals.recv(1024)
        if not self._stopping:
            notify("STOPPING=1")
        self._stopping = True

    def _hear(self, child: Child) -> bool:
        """A sign of life; False: there will be no more."""
        try:
            beat = child.line.recv(BEAT_BYTES)
        except ConnectionError:
            return False
        if beat and self._last and not child.stopping:  # from now on it listens
            child.stopping = True  # once: when it has ended, it does not listen any more
            os.kill(child.pid, signal.SIGTERM)
        if beat:
            self._note(msgspec.json.decode(beat, type=Past | Blocked), child)
        return bool(beat)

    def _note(self, beat: Past | Blocked, child: Child) -> None:
        if isinstance(beat, Blocked):  # no sign of life
            self._blocked = beat.instance
            return
        self._blocked = ""
        self._devices |= beat.devices
        if not beat.more:
            self._past, self._devices = Past(beat.server, self._devices), {}
        child.deadline = time.monotonic() + HANG_SECONDS
        notify("READY=1\nWATCHDOG=1")

    def _end_if_done(self, status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        if code == 0 or self._last or (self._stopping and code == ANEW):
            sys.exit(code if code >= 0 else 128 - code)
        if code == ANEW:  # it has let go of everything, so there is no past that the next one has to know
            log.info("the controller begins anew")
            os.execv(sys.executable, sys.orig_argv)

    def _wait_after(self, child: Child, status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        if time.monotonic() - child.began >= STEADY_SECONDS:
            self._falls = self._unexplained = 0
            self._blames.clear()
        self._find_reason()
        wait = min(0.25 * (2**self._falls - 1), LONGEST_WAIT_SECONDS)
        self._falls = min(self._falls + 1, 10)
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        log.error("the controller's process %s; it begins anew in %g s", how, wait)
        ready, _, _ = select.select([self._signals], [], [], 0 if self._stopping else wait)
        if ready:
            self._note_signals()
        self._last = self._stopping  # one more, which only makes outputs safe

    def _find_reason(self) -> None:
        self._devices = {}
        if self._blocked:
            self._blames[self._blocked] += 1
        else:
            self._unexplained = min(self._unexplained + 1, 10)
        self._blocked = ""
