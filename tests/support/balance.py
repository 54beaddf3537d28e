"""The wheel of the example plugin, as hatch builds it."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "controller/examples/webmacs-sics-balance"


def build_balance(folder: Path) -> Path:
    """Built into this folder."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=EXAMPLE, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built
