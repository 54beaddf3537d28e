"""Processes that are killed before a certain change of the disk: so each one can be tried."""

import itertools
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

CHANGES = frozenset(
    ["os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.chmod", "os.truncate"]
)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def killed_before(step: int, act: Callable[[], object]) -> bool:
    """Acts in a process of its own, which is killed before its change of the disk with this number, from 0. Whether it
    came to that."""
    pid = os.fork()
    if pid == 0:
        _act(step, act)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in (0, -signal.SIGKILL), code
    return code != 0


def each_kill(act: Callable[[Path], object], fresh: Callable[[], Path]) -> Iterator[Path]:
    """The folder, made anew each time, after the act was killed at its first, second, … change of the disk; at last one
    where it came to its end."""
    for step in itertools.count():
        folder = fresh()
        killed = killed_before(step, lambda folder=folder: act(folder))  # type: ignore[misc]
        yield folder
        if not killed:
            return


def _act(step: int, act: Callable[[], object]) -> None:
    left = itertools.count(step, -1)

    def look(event: str, details: tuple[object, ...]) -> None:
        if (event in CHANGES or (event == "open" and _writes(details))) and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        sys.addaudithook(look)
        act()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _writes(details: tuple[object, ...]) -> bool:
    flags = details[2]
    return isinstance(flags, int) and bool(flags & WRITES)
