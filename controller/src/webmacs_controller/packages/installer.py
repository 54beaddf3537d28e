"""One package, from the server's word to a folder whose plugins can be loaded."""

from collections.abc import Sequence
from pathlib import Path

from packaging.version import Version

from webmacs_controller.packages import File, environment
from webmacs_controller.packages.download import Source
from webmacs_controller.packages.errors import WheelError
from webmacs_controller.packages.package import Package, Trust
from webmacs_controller.packages.shelf import Kept, Shelf
from webmacs_controller.packages.trial import try_out
from webmacs_controller.packages.wheel import MEGABYTE, MOST_UNPACKED, Wheel, inspect


class Installer:
    """Blocking. The server is not believed: all is checked here, too."""

    def __init__(self, shelf: Shelf, source: Source, trust: Trust, megabytes: int) -> None:
        self._shelf = shelf
        self._source = source
        self._trust = trust
        self._megabytes = megabytes

    def install(self, package: Package, others: Sequence[Kept]) -> Kept:
        """Beside these others. Raises WheelError for good; DownloadError and OSError if the next try may succeed."""
        if package.size > self._megabytes * MEGABYTE:
            raise WheelError("too_large", f"It is larger than {self._megabytes} MB (plugins.megabytes).")
        path = self._shelf.part(package.sha256)
        self._source.fetch(package, path)
        try:
            with path.open("rb") as file:
                self._trust.check(file, package.signature)
                return self._put(file, package, others)
        finally:
            path.unlink()

    def _put(self, file: File, package: Package, others: Sequence[Kept]) -> Kept:
        wheel = inspect(file, package.file_name, self._megabytes)
        if (wheel.name, wheel.version) != (package.name, package.version):
            raise WheelError("wrong_name", f"It is {wheel.name} {wheel.version}.")
        self._check_age(wheel)
        folders = [self._shelf.path / other.folder for other in others]
        self._check_environment(wheel, folders)
        kept = Kept(package.name, package.version, package.sha256)
        try_out(self._shelf.unpack(file, kept, MOST_UNPACKED * self._megabytes * MEGABYTE), folders)
        return kept

    def _check_age(self, wheel: Wheel) -> None:
        newest = self._shelf.newest().get(wheel.name, wheel.version)
        if self._trust.refuse_older and Version(wheel.version) < Version(newest):
            raise WheelError("older", f"It is older than {newest}, which was here (plugins.refuse_older is true).")

    def _check_environment(self, wheel: Wheel, folders: Sequence[Path]) -> None:
        own = environment.own_environment(self._shelf.path)
        environment.check(wheel, own, environment.installed([str(folder) for folder in folders]))
