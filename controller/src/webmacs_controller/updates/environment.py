"""A version's own virtual environment, made of the wheels of a bundle alone.

They are unpacked, as plugin packages are: pip would look at no more, and would have to be in each environment. Each was
compared with its digest before.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import PathDistribution
from pathlib import Path

from webmacs_controller.packages.archive import files, open_archive, pieces
from webmacs_controller.updates.bundle import as_bundle_error
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.launcher import command
from webmacs_controller.updates.manifest import Manifest

SECONDS = 600.0
"""For each step, on a slow machine."""

LONGEST = 500
MOST_BYTES = 5_000_000_000
"""Of one wheel; how much there may be was judged by whoever examined the bundle."""

SCRIPT = """#!{python}
import sys
from {module} import {first}
sys.argv[0] = {name!r}
sys.exit({call}())
"""


def make_environment(folder: Path, wheels: Path, manifest: Manifest) -> None:
    """In `folder`, which it must never leave: its scripts have its path in them. Raises BundleError, OSError."""
    python = Path(sys.base_exec_prefix, "bin", f"python{manifest.python}")
    _run([str(python if python.exists() else sys.executable), "-m", "venv", "--without-pip", str(folder)])
    site = folder / "lib" / f"python{manifest.python}" / "site-packages"
    for part in manifest.parts:
        _unpack(wheels / part.name, folder, site)
    for described in sorted(site.glob("*.dist-info")):
        _write_scripts(PathDistribution(described), folder / "bin")
    _run([str(folder / "bin" / "python"), "-I", "-m", "compileall", "-q", str(site)])


def try_out(folder: Path, manifest: Manifest) -> None:
    """Whether it begins at all, and is the version that it should be. Raises BundleError."""
    said = _run([str(command(folder)), "--version"])
    if manifest.version not in said.split():
        raise BundleError(Reason.BROKEN, f"What was installed says that it is {said.strip()[:LONGEST]!r}.")


def _unpack(wheel: Path, folder: Path, site: Path) -> None:
    with wheel.open("rb") as file, as_bundle_error(), open_archive(file, MOST_BYTES) as archive:
        for entry in files(archive):
            path = _place(entry.filename, folder, site)
            if path is None:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with path.open("xb") as stream:
                    stream.writelines(pieces(archive, entry))
            except FileExistsError:
                raise BundleError(Reason.BROKEN, f"{entry.filename} is in two of its wheels.") from None
            if path.parent.name == "bin" or entry.external_attr >> 16 & 0o111:
                path.chmod(0o755)


def _place(name: str, folder: Path, site: Path) -> Path | None:
    """Where a file of a wheel belongs; None: nowhere (headers of C)."""
    top, _, rest = name.partition("/")
    if not top.endswith(".data"):
        return site / name
    kind, _, inside = rest.partition("/")
    places = {"purelib": site, "platlib": site, "scripts": folder / "bin", "data": folder}
    return places[kind] / inside if kind in places else None


def _write_scripts(distribution: PathDistribution, folder: Path) -> None:
    for entry in distribution.entry_points:
        if entry.group == "console_scripts" and "/" not in entry.name:
            path = folder / entry.name
            first = entry.attr.split(".")[0]
            path.write_text(
                SCRIPT.format(
                    python=folder / "python", module=entry.module, first=first, name=entry.name, call=entry.attr
                )
            )
            path.chmod(0o755)


def _run(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise BundleError(Reason.BROKEN, f"{Path(command[0]).name} did not end within {SECONDS:g} s.") from None
    except OSError as error:
        raise BundleError(Reason.BROKEN, f"{command[0]}: {error.strerror}") from None
    if done.returncode:
        lines = [*_lines(done.stdout), *_lines(done.stderr)] or ["nothing was said"]
        raise BundleError(Reason.BROKEN, f"{lines[-1][:LONGEST]} (exit code {done.returncode})")
    return done.stdout


def _lines(text: str) -> Iterator[str]:
    return (line for line in text.splitlines() if line.strip())
