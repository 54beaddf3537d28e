"""Ctrl-C and SIGTERM end `webmacs up`; while it stops its parts they change nothing any more."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HELD = (*STOPPING, signal.SIGALRM)
# An exception out of a signal handler is lost where Python calls back from C (a weak reference, a lock of the
# import system), so it is raised again until somebody has caught it.
AGAIN = 0.5  # seconds


class Stopped(BaseException):
    """Somebody asked us to stop."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Inside, the first signal to stop raises Stopped, and further ones are ignored."""
    before = {number: signal.signal(number, _stop) for number in STOPPING}
    signal.signal(signal.SIGALRM, _raise)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def deferred() -> Iterator[None]:
    """Inside, a signal to stop waits: what is started here is known before anybody can stop us."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
    try:
        yield
    finally:
        receive_signals()


def receive_signals() -> None:
    """The end of `deferred`, also for a child that was started inside."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)


def ignore_signals() -> None:
    """From now on nobody can stop us: we are stopping."""
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in STOPPING:
        signal.signal(number, signal.SIG_IGN)


def _stop(number: int, frame: FrameType | None) -> None:
    ignore_signals()
    signal.setitimer(signal.ITIMER_REAL, AGAIN, AGAIN)
    raise Stopped


def _raise(number: int, frame: FrameType | None) -> None:
    raise Stopped
