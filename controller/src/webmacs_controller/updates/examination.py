"""Whether a bundle is taken: the one check, of the controller, of the server, and of `webmacs release verify`."""

import hashlib
import platform
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from packaging.tags import parse_tag, sys_tags
from packaging.version import Version

from webmacs_controller.packages.archive import open_archive
from webmacs_controller.updates.bundle import MEGABYTE, Bundle, as_bundle_error
from webmacs_controller.updates.errors import BundleError, Reason
from webmacs_controller.updates.manifest import Manifest, Part, read_manifest, whole_second
from webmacs_controller.updates.scratch import scratch
from webmacs_controller.updates.signatures import Signed, check_signatures
from webmacs_controller.updates.trusted import Trusted

ANY = "any"
MOST_UNPACKED = 10
"""What the wheels unpack to may be so many times as large as the largest bundle."""


@dataclass(frozen=True, slots=True)
class Here:
    """The machine that a bundle is to run on: which product, and the version that runs there now; None: there is
    none yet."""

    product: str
    version: str | None
    architecture: str = field(default_factory=lambda: platform.machine().lower())
    python: str = field(default_factory=lambda: f"{sys.version_info.major}.{sys.version_info.minor}")


@dataclass(frozen=True, slots=True)
class Examined:
    """One that is good. `trusted` is to be saved when it is taken; `unpacked` is what its wheels take on the disk."""

    manifest: Manifest
    trusted: Trusted
    unpacked: int


def examine(
    bundle: Bundle,
    root: bytes,
    trusted: Trusted,
    most_megabytes: int,
    here: Here | None = None,
    folder: Path | None = None,
) -> Examined:
    """Reads all of it, in a `scratch` of this folder. Without `here` it may be for any machine. Raises BundleError,
    OSError."""
    with scratch(folder) as place:
        return _examine(bundle, check_signatures(bundle, root, trusted, place), trusted, most_megabytes, here, place)


def _examine(
    bundle: Bundle, signed: Signed, trusted: Trusted, most_megabytes: int, here: Here | None, place: Path
) -> Examined:
    manifest = read_manifest(signed.manifest)
    _check_said(manifest, signed)
    seen = _check_time(manifest, trusted)
    if here is not None:
        check_fits(manifest, here)
    _check_same_version(manifest, trusted)
    _check_names(bundle, manifest)
    most_bytes = MOST_UNPACKED * most_megabytes * MEGABYTE
    unpacked = sum(_check_part(bundle, part, most_bytes, place) for part in manifest.parts)
    contents = trusted.contents | {manifest.version: manifest.content}
    return Examined(manifest, Trusted(signed.trusted.metadata, contents, seen), unpacked)


def check_fits(manifest: Manifest, here: Here) -> None:
    """Whether it may run there. Raises BundleError."""
    if manifest.product != here.product:
        raise BundleError(Reason.WRONG_PRODUCT, f"It is {manifest.name}; here is {here.product}.")
    if manifest.architecture not in (ANY, here.architecture):
        raise BundleError(Reason.WRONG_MACHINE, f"It is for {manifest.architecture}; here is {here.architecture}.")
    if manifest.python != here.python:
        raise BundleError(Reason.WRONG_MACHINE, f"It is for Python {manifest.python}; here is {here.python}.")
    if here.version is not None and Version(here.version) < Version(manifest.from_version):
        raise BundleError(
            Reason.TOO_OLD_HERE,
            f"It takes {manifest.from_version} or newer to come from; here is {here.version}. Go to that one first.",
        )


def check_tags(manifest: Manifest) -> None:
    """Whether this Python can install its wheels. Raises BundleError."""
    ours = set(sys_tags())
    for part in manifest.parts:
        if ours.isdisjoint(parse_tag("-".join(part.name.removesuffix(".whl").split("-")[-3:]))):
            raise BundleError(Reason.WRONG_MACHINE, f"{part.name} in it cannot be installed by the Python of here.")


def _check_said(manifest: Manifest, signed: Signed) -> None:
    if manifest.counter != signed.counter:
        raise BundleError(
            Reason.WRONG_MANIFEST, f"Its manifest has the counter {manifest.counter}, what was signed {signed.counter}."
        )
    if whole_second(manifest.expires) != whole_second(signed.expires):
        raise BundleError(Reason.WRONG_MANIFEST, "Its manifest says another end of its time than what was signed.")


def _check_time(manifest: Manifest, trusted: Trusted) -> datetime:
    """What the time is at least: when something that was taken here was made. So a clock that is behind (no battery, no
    network) does not make what is old new; TUF's client has asked the clock already."""
    at_least = max(manifest.created, trusted.seen or manifest.created)
    if at_least >= manifest.expires:
        until = f"{manifest.expires:%Y-%m-%d %H:%M}"
        raise BundleError(Reason.EXPIRED, f"Its time was over at {until} UTC; ask its maker for a newer one.")
    return at_least


def _check_same_version(manifest: Manifest, trusted: Trusted) -> None:
    if trusted.contents.get(manifest.version, manifest.content) != manifest.content:
        raise BundleError(
            Reason.OTHER_BYTES, f"{manifest.name} was taken here before, with other bytes: a version never changes."
        )


def _check_names(bundle: Bundle, manifest: Manifest) -> None:
    parts = {f"wheels/{part.name}" for part in manifest.parts}
    others = {name for name in bundle.names if name.split("/")[0] not in ("metadata", "targets")}
    if more := sorted(others - parts):
        raise BundleError(Reason.TAMPERED, f"{more[0]} is in it, and not in its manifest.")
    if missing := sorted(parts - others):
        raise BundleError(Reason.DAMAGED, f"{missing[0]} is missing in it.")


def _check_part(bundle: Bundle, part: Part, most_bytes: int, place: Path) -> int:
    """The bytes that it unpacks to."""
    name = f"wheels/{part.name}"
    if bundle.size(name) != part.size:
        raise BundleError(Reason.TAMPERED, f"{part.name} in it has {bundle.size(name)} bytes; {part.size} were signed.")
    digest = hashlib.sha256()
    with tempfile.TemporaryFile(dir=place) as file:
        for piece in bundle.pieces(name):
            digest.update(piece)
            file.write(piece)
        if digest.hexdigest() != part.sha256:
            raise BundleError(Reason.TAMPERED, f"{part.name} in it is not what was signed.")
        with as_bundle_error(), open_archive(file, most_bytes) as wheel:
            return sum(entry.file_size for entry in wheel.infolist())
