"""Where packages are kept: a folder for each that is installed, and a list of those which count.

The list is replaced as a whole, when the folders that it names are complete: so after a power cut there is what was
before, or what is new. What it does not name is swept away.
"""

import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import invalidate_caches
from pathlib import Path

import msgspec
from packaging.version import Version

from webmacs_controller.files import replace_private
from webmacs_controller.packages import File
from webmacs_controller.packages.archive import files, open_archive, pieces

LIST = "installed.json"
NEWEST = "newest.json"


class Kept(msgspec.Struct, frozen=True):
    """A package that is installed."""

    name: str
    version: str
    sha256: str

    @property
    def folder(self) -> str:
        """Named after what is in it."""
        return f"{self.name}-{self.version}-{self.sha256[:16]}"


class Shelf:
    """Below one folder, which is made when there is something to keep. Blocking; raises OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def read(self) -> list[Kept]:
        """What counts. A list that cannot be read is none: the server will want the packages again."""
        try:
            kept = msgspec.json.decode((self.path / LIST).read_bytes(), type=list[Kept])
        except (OSError, msgspec.MsgspecError):
            return []
        return [each for each in kept if (self.path / each.folder).is_dir()]

    def activate(self, kept: Sequence[Kept]) -> None:
        """Python finds them, behind all else: so none can take the place of a module that is there already."""
        for each in kept:
            if (folder := str(self.path / each.folder)) not in sys.path:
                sys.path.append(folder)
        invalidate_caches()

    def deactivate(self) -> None:
        """Python finds none of them any more; what it has loaded stays loaded."""
        sys.path[:] = [path for path in sys.path if Path(path).parent != self.path]
        invalidate_caches()

    def active(self) -> set[str]:
        """The folders that Python looks into, whatever counts since."""
        return {Path(path).name for path in sys.path if Path(path).parent == self.path}

    def part(self, sha256: str) -> Path:
        """The file into which a wheel is downloaded."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._part(sha256)

    def unpack(self, wheel: File, kept: Kept, most_bytes: int) -> Path:
        """The new folder, which does not count yet. Raises WheelError."""
        folder = self.path / kept.folder
        shutil.rmtree(folder, ignore_errors=True)
        with open_archive(wheel, most_bytes) as archive:
            for entry in files(archive):
                path = folder / entry.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as stream:
                    stream.writelines(pieces(archive, entry))
        return folder

    def replace(self, kept: Sequence[Kept]) -> None:
        """From now on these count, also after a power cut."""
        os.sync()
        newest = self.newest()
        for each in kept:
            newest[each.name] = str(max(Version(each.version), Version(newest.get(each.name, each.version))))
        replace_private(self.path / NEWEST, msgspec.json.format(msgspec.json.encode(newest)))
        replace_private(self.path / LIST, msgspec.json.format(msgspec.json.encode(kept)))

    def newest(self) -> dict[str, str]:
        """The newest version that there ever was of each package, also of those that are gone."""
        try:
            return msgspec.json.decode((self.path / NEWEST).read_bytes(), type=dict[str, str])
        except (OSError, msgspec.MsgspecError):
            return {}

    def sweep(self, kept: Sequence[Kept], parts: Sequence[str]) -> None:
        """Throw away what is neither one of these, nor loaded, nor a part of a wheel with one of these digests. What
        the system does not let go stays: it is in nobody's way."""
        names = {
            LIST,
            NEWEST,
            *(each.folder for each in kept),
            *self.active(),
            *(self._part(sha256).name for sha256 in parts),
        }
        with suppress(OSError):
            for path in self.path.iterdir() if self.path.is_dir() else ():
                if path.name not in names:
                    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def _part(self, sha256: str) -> Path:
        return self.path / f".{sha256}.part"
