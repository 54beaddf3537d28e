"""The process that hashes passwords: a program that answers lines on its standard input, and ends with it.

A process and not a thread, because on most Linux systems a niceness counts only among the processes of one session
(autogroups, sched(7)): a thread of the sidecar, however nice, would take a processor from PostgreSQL.
"""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from webmacs.accounts.password_strength import weakness
from webmacs.accounts.passwords import hash_password, matches

NICENESS = 19
AT_ONCE = "--at-once"


def main() -> None:
    """Each line is a JSON array, and so is each answer.

    `["hash", password, rounds]`, `["matches", password, stored]` or `["weakness", password, [what is known of it]]`.
    """
    if AT_ONCE not in sys.argv:
        _step_back()
    work: dict[str, Callable[..., object]] = {"hash": hash_password, "matches": matches, "weakness": _weakness}
    for line in sys.stdin:
        kind, *arguments = json.loads(line)
        print(json.dumps([work[kind](*arguments)]), flush=True)


def _weakness(password: str, about: list[str]) -> list[str | None] | None:
    weak = weakness(password, about)
    return [weak.why] if weak else None


def _step_back() -> None:
    """Behind all others, in our session and among sessions; where the kernel has no autogroups the first suffices."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS))


if __name__ == "__main__":
    main()
