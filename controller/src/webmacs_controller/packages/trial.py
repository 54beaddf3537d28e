"""Loads the plugins of a package in a process of its own: what it does there harms nobody."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path

from webmacs_controller.packages.errors import WheelError
from webmacs_controller.sdk.description import describe
from webmacs_controller.sdk.discovery import GROUP, UnusableError, load

SECONDS = 60.0
FINE = "all plugins are fine"
LONGEST = 500
MOST_BYTES = 1_000_000
"""Of what they may say; who says more says it for ever."""

LOOK_SECONDS = 0.1


def try_out(folder: Path, others: Sequence[Path]) -> None:
    """Raises WheelError if a plugin of the package in this folder cannot be loaded beside the others."""
    command = [sys.executable, "-m", __name__, str(folder), *map(str, others)]
    code, said = _run(command)
    lines = said.decode(errors="replace").replace("\0", "?").strip().splitlines() or ["nothing was said"]
    if code or lines[-1] != FINE:  # also who ended the process without a failure has not come to its end
        raise WheelError("broken_plugin", f"{lines[-1][:LONGEST]} (exit code {code})")


def _run(command: Sequence[str]) -> tuple[int, bytes]:
    """How it ended, and what it said last. Nothing that it has begun goes on."""
    line, theirs = os.pipe()
    with open(line, "rb", buffering=0):  # noqa: PTH123 - no path
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs, start_new_session=True
            )
        finally:
            os.close(theirs)
        try:
            said = _listen(process, line)
            return process.wait(), said
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _listen(process: "subprocess.Popen[bytes]", line: int) -> bytes:
    """Until it has ended: others that it has begun may hold its output open."""
    heard, last = 0, b""
    deadline = time.monotonic() + SECONDS
    while True:
        has_ended = process.poll() is not None
        ready, _, _ = select.select([line], [], [], 0 if has_ended else LOOK_SECONDS)
        more = os.read(line, 65_536) if ready else b""
        heard, last = heard + len(more), (last + more)[-10 * LONGEST :]
        if has_ended and not more:
            return last
        if heard > MOST_BYTES:
            raise WheelError("broken_plugin", f"Its plugins say more than {MOST_BYTES // 1_000_000} MB when loaded.")
        if time.monotonic() > deadline:
            raise WheelError("broken_plugin", f"Its plugins were not loaded within {SECONDS:g} s.")
        if ready and not more and not has_ended:  # it has closed its output, and goes on
            time.sleep(LOOK_SECONDS)


def main(folder: str, others: Sequence[str]) -> None:
    """Ends with 1 and the reason in the last line, or with `FINE`."""
    sys.path += [*others, folder]  # in the order in which they will be found
    for distribution in distributions(path=[folder]):
        for entry in distribution.entry_points:
            if entry.group == GROUP:
                try:
                    describe(load(entry.name, [entry]))
                except (UnusableError, TypeError) as error:
                    sys.exit(" ".join(str(error).split()))
    print(FINE)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
