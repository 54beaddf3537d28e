"""From a bundle to a version that runs next, or to nothing at all.

Until the symlink `current` names the new version nothing of it counts; from then on it has to prove itself. Whatever
ends this in between, `launcher.settle` finds something whole. Blocking.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from webmacs_controller.updates import launcher, scratch
from webmacs_controller.updates.bundle import MEGABYTE, SUFFIX, Bundle, open_bundle
from webmacs_controller.updates.environment import make_environment, try_out
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.launcher import COMPLETE, CURRENT, PREVIOUS, PROBATION, VERSIONS
from webmacs_controller.updates.manifest import Manifest, Product, read_manifest, write_manifest
from webmacs_controller.updates.trusted import load_trusted, save_trusted

if TYPE_CHECKING:
    from webmacs_controller.updates.examination import Examined

PRODUCT: Product = "webmacs-controller"
ROOT, TRUSTED, LOCK = "root.json", "trusted.json", ".lock"
PARTS = "parts"
SPARE_BYTES = 100_000_000
"""For the environment itself, and so that the buffer of values has room meanwhile."""

Make = Callable[[Path, Path, Manifest], None]
Try = Callable[[Path, Manifest], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an update is held to: the largest bundle, how long it has to be well without a break, and within which time
    it must have come to that."""

    megabytes: int = 500
    steady_seconds: float = 60.0
    probation_seconds: float = 600.0


class Installation:
    """Below `folder`; see `launcher` for what lies where."""

    def __init__(
        self,
        folder: Path,
        terms: Terms,
        make: Make = make_environment,
        attempt: Try = try_out,
        product: Product = PRODUCT,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """`ready` is called before anything is installed, and raises BundleError if it cannot be."""
        self.folder = folder.absolute()
        self.product = product
        self._ready = ready
        self._terms = terms
        self._make = make
        self._try = attempt

    def begin(self, bundle: Path, root: Path) -> str:
        """The first version, on a machine that has none: which keys it believes is said by hand. Its name."""
        (self.folder / VERSIONS).mkdir(mode=0o755, parents=True, exist_ok=True)
        if launcher.link_target(self.folder, CURRENT):
            raise BundleError(Reason.INSTALLED, f"{self.folder} has a version already.")
        launcher.place(self.folder)
        shutil.copyfile(root, self.folder / f".{ROOT}.new")
        (self.folder / f".{ROOT}.new").replace(self.folder / ROOT)
        return self.install(bundle)

    def install(self, path: Path, verified: Callable[[], None] = lambda: None) -> str:
        """The version of this bundle is what runs next. Its name. `verified` is called when it is good, and will be
        installed. Raises BundleError, OSError."""
        with self._alone(), open_bundle(path, self._terms.megabytes) as bundle:
            current = launcher.settle(self.folder)
            examined = self._examine(bundle, current)
            name = name_of(examined.manifest)
            self._check_free(name, current)
            self._ready()
            verified()
            if not launcher.is_whole(self.folder, name):
                self._unfold(bundle, examined, name)
            save_trusted(self.folder / TRUSTED, examined.trusted)
            self._switch(name, current)
            return name

    def check_size(self, size: int) -> None:
        """Before a bundle is fetched. Raises BundleError."""
        if size > self._terms.megabytes * MEGABYTE:
            raise BundleError(Reason.TOO_LARGE, f"It has more than {self._terms.megabytes} MB (updates.megabytes).")
        if shutil.disk_usage(self.folder).free < size + SPARE_BYTES:
            raise BundleError(Reason.NO_SPACE, "The disk has not the room to fetch it.")

    def examine(self, path: Path) -> "Examined":
        """Whether it would be taken. Raises BundleError, OSError."""
        with self._alone(), open_bundle(path, self._terms.megabytes) as bundle:
            return self._examine(bundle, launcher.link_target(self.folder, CURRENT))

    def go_back(self) -> str:
        """The version before is what runs next; its name. It has proved itself once. Raises BundleError, OSError."""
        with self._alone():
            current, previous = launcher.settle(self.folder), launcher.link_target(self.folder, PREVIOUS)
            note = launcher.probation(self.folder)
            if note is not None:
                launcher.go_back(self.folder, note, "somebody wanted it")
                return launcher.settle(self.folder) or ""
            if previous is None or previous == current:
                raise BundleError(Reason.NOTHING, "There is no version before this one.")
            launcher.switch(self.folder, CURRENT, previous)
            if current:
                launcher.switch(self.folder, PREVIOUS, current)
            return previous

    def newest(self, folder: Path) -> Path:
        """The newest bundle in it that would be taken. Raises BundleError, with what is wrong with each, if there is
        none."""
        good, wrong = [], []
        for path in sorted(folder.glob(f"*{SUFFIX}")):
            try:
                good.append((self.examine(path).manifest.counter, path))
            except (BundleError, OSError) as error:
                wrong.append(f"\n  {path.name}: {error}")
        if not good:
            raise BundleError(Reason.NOTHING, f"There is no bundle in {folder} that can be taken.{''.join(wrong)}")
        return max(good)[1]

    def confirm(self, note: launcher.Note) -> bool:
        """Its version has proved itself; False: it has been taken back meanwhile, or is just being. Raises OSError."""
        try:
            with self._alone():
                there = launcher.probation(self.folder)
                if there is None or there.get("version") != note.get("version"):
                    return False
                launcher.confirm(self.folder, there)
                return True
        except BundleError:
            return False

    def manifest(self, name: str | None) -> Manifest | None:
        """Of a version that is there."""
        try:
            return read_manifest((self.folder / VERSIONS / (name or "") / COMPLETE).read_bytes())
        except (OSError, BundleError):
            return None

    def _examine(self, bundle: Bundle, current: str | None) -> "Examined":
        # loaded where it is needed: TUF's client takes its time and memory, and updates are rare
        from webmacs_controller.updates.examination import Here, check_tags, examine

        here = self.manifest(current)
        trusted = load_trusted(self.folder / TRUSTED)
        root = (self.folder / ROOT).read_bytes()
        asked = Here(self.product, here.version if here else None)
        examined = examine(bundle, root, trusted, self._terms.megabytes, asked, self.folder)
        check_tags(examined.manifest)
        return examined

    def _check_free(self, name: str, current: str | None) -> None:
        if launcher.probation(self.folder) is not None:
            raise BundleError(Reason.BUSY, "The last update has to prove itself first.")
        if name == current:
            raise BundleError(Reason.INSTALLED, "It is what runs here already.")

    def _unfold(self, bundle: Bundle, examined: "Examined", name: str) -> None:
        manifest, path = examined.manifest, self.folder / VERSIONS / name
        self.sweep()
        self._check_space(examined)
        shutil.rmtree(path, ignore_errors=True)
        try:
            (path / PARTS).mkdir(parents=True)
            _copy(bundle, manifest, path / PARTS)
            self._make(path, path / PARTS, manifest)
            self._try(path, manifest)
            shutil.rmtree(path / PARTS)
            os.sync()  # all of it is on the disk, before it is said that it is
            _write(path / COMPLETE, write_manifest(manifest))
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise

    def _check_space(self, examined: "Examined") -> None:
        needed = examined.manifest.size + 2 * examined.unpacked + SPARE_BYTES  # twice: compiled, too
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise BundleError(
                Reason.NO_SPACE, f"It needs {needed // 1_000_000} MB on the disk; there are {free // 1_000_000} MB."
            )

    def _switch(self, name: str, current: str | None) -> None:
        if current is not None:
            note = {
                "version": name,
                "back": current,
                "kept": launcher.link_target(self.folder, PREVIOUS),
                "starts": 0,
                "steady": self._terms.steady_seconds,
                "seconds": self._terms.probation_seconds,
            }
            launcher.write(self.folder / PROBATION, note)
            launcher.switch(self.folder, PREVIOUS, current)
        launcher.switch(self.folder, CURRENT, name)

    def sweep(self) -> None:
        """All versions go but the two that are kept; what the system does not let go is in nobody's way."""
        links = [self.folder / link for link in (CURRENT, PREVIOUS)]
        kept = {link.readlink().name for link in links if link.is_symlink()}  # also what was not installed by us
        for path in (self.folder / VERSIONS).iterdir():
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)

    def clear(self) -> None:
        """At the start: what was left by who was killed. Whoever is at work clears by himself."""
        with suppress(BundleError, OSError), self._alone():
            pass

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time; who dies lets go, and what he has left of an examination is nobody's."""
        try:
            lock = (self.folder / LOCK).open("w")
        except FileNotFoundError:
            raise BundleError(
                Reason.NOTHING, f"{self.folder} is not there: no version was installed yet (update begin)."
            ) from None
        with lock as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BundleError(Reason.BUSY, "Another update is being installed.") from None
            scratch.clear(self.folder)
            yield


def name_of(manifest: Manifest) -> str:
    """Of the folder of a version: another content has another name."""
    return f"{manifest.counter}-{manifest.version}-{manifest.content[:8]}"


def _copy(bundle: Bundle, manifest: Manifest, folder: Path) -> None:
    """What was examined may be another file by now: so it is looked at once more."""
    for part in manifest.parts:
        digest = hashlib.sha256()
        with (folder / part.name).open("xb") as file:
            for piece in bundle.pieces(f"wheels/{part.name}"):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != part.sha256:
            raise BundleError(Reason.TAMPERED, f"{part.name} in it is not what was signed.")


def _write(path: Path, content: bytes) -> None:
    launcher.write(path, msgspec.json.decode(content))
