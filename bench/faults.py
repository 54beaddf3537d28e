"""Points lost or stored twice when something dies: the tests count them, here they are run once more."""

import subprocess
import sys

from bench.report import Row
from bench.stack import ROOT, Stack


def measure(_stack: Stack) -> list[Row]:
    """One row; the tests have an installation of their own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/faults"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    summary = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else "no output"
    name = "points acknowledged and missing, or there twice: kill -9 of sidecar and PostgreSQL, restarts, flood"
    return [Row(name, "0", f"tests/faults: {summary}", done.returncode == 0)]
