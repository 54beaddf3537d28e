"""A bare Debian in a folder, and the way that docs/production.md says to make it a server."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
ENTER = PROJECT / "tests/production/enter.sh"
VERSION = "/opt/webmacs/versions/first"
WHEELS = "/root/wheels"
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources")


@dataclass(frozen=True)
class Bare:
    """Below `folder`: `base`, as debootstrap leaves it, kept for the next time; `root`, a copy that is installed."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def _base(self) -> Path:
        return self.folder / "base"

    def run(self, command: str) -> str:
        """A command line in the machine. Raises RuntimeError with all that it said, if it fails."""
        return said(str(ENTER), str(self.root), "/bin/sh", "-euc", command)

    def make(self) -> None:
        """The machine that is to be installed."""
        self.copy_base(self.root)

    def copy_base(self, root: Path) -> None:
        """The smallest Debian that there is, of the release and the mirror of this machine, in this folder."""
        if not (self._base / "etc/os-release").exists():
            shutil.rmtree(self._base, ignore_errors=True)
            said("debootstrap", "--variant=minbase", release(), str(self._base), apt_mirror())
        shutil.rmtree(root, ignore_errors=True)
        said("cp", "-a", str(self._base), str(root))
        # it need not survive a loss of power
        (root / "etc/dpkg/dpkg.cfg.d/unsafe-io").write_text("force-unsafe-io\n")
        # so that it gets where this machine gets
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        (root / "etc/hosts").write_text("127.0.0.1 localhost postgresql\n")
        (root / "etc/ssl").mkdir(exist_ok=True)
        if AUTHORITIES.exists():
            shutil.copy(AUTHORITIES, root / "etc/ssl/machine-ca.crt")
        for source in map(Path, SOURCES):
            (root / str(source).lstrip("/")).unlink(missing_ok=True)
            if source.exists():
                shutil.copy(source, root / str(source).lstrip("/"))

    def bring_program(self) -> None:
        """Wheels of this checkout, and what the lock names from PyPI, in an environment; a controller's bundle."""
        wheels = self.root / WHEELS.lstrip("/")
        wheels.mkdir(parents=True)
        options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(wheels)]
        said(sys.executable, "-m", "pip", "wheel", *options, str(PROJECT), str(PROJECT / "controller"))
        shutil.copy(PROJECT / "requirements.lock", wheels)
        self.run("apt-get update -q && apt-get install -q -y --no-install-recommends python3-venv")
        self.bring_program_again()
        self._bring_controller(wheels)

    def _bring_controller(self, folder: Path) -> None:
        """Its unit, and a signed bundle, from which a controller's machine is set up (docs/updates.md)."""
        units = self.root / "etc/systemd/system"
        units.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / "systemd/webmacs-controller.service", units)
        key, root = str(folder / "maker.key"), str(folder / "root.json")
        release = [sys.executable, "-m", "webmacs", "release"]
        said(*release, "key", "--no-passphrase", key)
        said(*release, "root", root, "--owner", f"{key}.pub", "--signer", f"{key}.pub")
        said(*release, "sign", root, "--key", key)
        options = ["--counter", "1", "--root", root, "--sources", str(PROJECT), "--out", str(folder)]
        said(*release, "build", *options)
        (bundle,) = folder.glob("*.update")
        said(*release, "sign", str(bundle), "--key", key)
        bundle.rename(folder / "controller.update")

    def bring_program_again(self) -> None:
        """From the wheels that are there already."""
        self.run(_environment(VERSION, "requirements.lock", "webmacs*.whl"))

    def files(self) -> set[tuple[str, int, int]]:
        """All that lies there but for what the kernel shows and what is of the moment: name, size, time of change."""
        found = set()
        for path in self.root.rglob("*"):
            if path.relative_to(self.root).parts[0] not in ("proc", "sys", "dev", "run", "tmp"):
                state = path.lstat()
                found.add((str(path), state.st_size, state.st_mtime_ns))
        return found


def _environment(folder: str, lock: str, wheels: str) -> str:
    pip = f"{folder}/bin/pip install --quiet --disable-pip-version-check"
    return (
        f"python3 -m venv {folder} && {pip} --require-hashes -r {WHEELS}/{lock}"
        f" && {pip} --no-deps --no-index {WHEELS}/{wheels}"
    )


def release() -> str:
    """Of this machine, such as bookworm."""
    found = re.search(r"(?m)^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text())
    return found[1] if found else "stable"


def apt_mirror() -> str:
    """Where this machine has its packages from."""
    for source in map(Path, SOURCES):
        if source.exists() and (found := re.search(r"(?m)^(?:URIs: *|deb (?:\[.*\] )?)(\S+)", source.read_text())):
            return found[1]
    raise RuntimeError(f"Neither of {', '.join(SOURCES)} names a mirror of Debian.")


def said(*command: str) -> str:
    """What it printed, its errors too."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"`{' '.join(command)}` failed:\n{done.stdout[-6000:]}")
    return done.stdout
