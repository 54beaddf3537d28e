"""The wheels of a release: our own, built from the sources, and those that the locks name."""

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from packaging.tags import Tag
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from webmacs.problem import Problem

SOURCES = {"webmacs-controller": ("controller",), "webmacs-server": (".", "controller")}
"""Which folders of the sources a product is built from; the first says its version."""

LOCKS = {
    "webmacs-controller": ("controller/requirements*.lock",),
    # `webmacs up` starts a controller beside it
    "webmacs-server": ("requirements.lock", "controller/requirements.lock"),
}


def build_own(product: str, sources: Path, into: Path, created: datetime) -> str:
    """The wheels of the product itself, the same bytes for the same sources; its version. Raises Problem."""
    version = ""
    for name in SOURCES[product]:
        before = set(into.glob("*.whl"))
        command = ["wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", str(into)]
        _pip([*command, str((sources / name).resolve())], created)
        (wheel,) = set(into.glob("*.whl")) - before
        version = version or str(_version(wheel))
    return version


def fetch_others(product: str, sources: Path, into: Path, created: datetime) -> None:
    """What the locks name, by their hashes, for the Python and the machine of here. Raises Problem."""
    for lock in (lock for pattern in LOCKS[product] for lock in sorted(sources.glob(pattern))):
        command = ["download", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", str(into)]
        _pip([*command, "--requirement", str(lock)], created)


def sources_time(sources: Path) -> datetime:
    """When they were changed last: SOURCE_DATE_EPOCH, or git's word. Raises Problem."""
    text = os.environ.get("SOURCE_DATE_EPOCH")
    if text is None:
        command = ["git", "-C", str(sources), "log", "-1", "--format=%ct"]
        text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    try:
        return datetime.fromtimestamp(int(text)).astimezone()
    except (ValueError, OverflowError, OSError):
        raise Problem("Neither git nor SOURCE_DATE_EPOCH says when the sources were changed; give --created.") from None


def check_wheels(wheels: Sequence[Path]) -> None:
    """Whether there is one of each. Raises Problem."""
    names = [_parsed(wheel)[0] for wheel in wheels]
    for name in names:
        if names.count(name) > 1:
            raise Problem(f"There are {names.count(name)} wheels of {name}; a bundle has one of each.")


def is_for_one_machine(wheels: Sequence[Path]) -> bool:
    """Whether one of them runs on one architecture only."""
    return any(tag.platform != "any" for wheel in wheels for tag in _parsed(wheel)[3])


def _version(wheel: Path) -> object:
    return _parsed(wheel)[1]


def _parsed(wheel: Path) -> tuple[str, object, object, frozenset[Tag]]:
    try:
        return parse_wheel_filename(wheel.name)
    except (InvalidWheelFilename, ValueError):
        raise Problem(f"{wheel} is not called as wheels are.") from None


def _pip(arguments: Sequence[str], created: datetime) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input", *arguments]
    environment = os.environ | {"SOURCE_DATE_EPOCH": str(int(created.timestamp()))}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["it says nothing"]
        raise Problem(f"pip {arguments[0]} failed: {lines[-1]}")
