"""Loads the plugins of a package in a process of its own: what it does there harms nobody."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import distributions
from pathlib import Path

from webmacs_controller.packages.errors import WheelError
from webmacs_controller.sdk.description import describe
from webmacs_controller.sdk.discovery import GROUP, UnusableError, load

SECONDS = 60.0
FINE = "all plugins are fine"
LONGEST = 500


def try_out(folder: Path, others: Sequence[Path]) -> None:
    """Raises WheelError if a plugin of the package in this folder cannot be loaded beside the others."""
    command = [sys.executable, "-m", __name__, str(folder), *map(str, others)]
    with tempfile.TemporaryFile() as said:
        try:
            ended = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            raise WheelError("broken_plugin", f"Its plugins were not loaded within {SECONDS:g} s.") from None
        said.seek(max(0, said.tell() - 10 * LONGEST))
        lines = said.read().decode(errors="replace").replace("\0", "?").strip().splitlines() or ["nothing was said"]
    if ended.returncode or lines[-1] != FINE:  # also who ended the process without a failure has not come to its end
        raise WheelError("broken_plugin", f"{lines[-1][:LONGEST]} (exit code {ended.returncode})")


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
