"""Who makes bundles of updates, honestly or not: keys in memory, small wheels, and whatever a test wants in them."""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root
from webmacs_controller.updates.manifest import FORMAT, Manifest

from tests.support.packages import wheel
from webmacs.release.bundles import part_of, sign_bundle, write_bundle
from webmacs.release.roots import make_root

NOW = datetime.now(UTC).replace(microsecond=0)
LATER = NOW + timedelta(days=30)
PYTHON = "3.11"


def keys(count: int) -> list[CryptoSigner]:
    """Fresh ones."""
    return [CryptoSigner.generate_ed25519() for _ in range(count)]


class Maker:
    """`owners` sign lists of keys, `signers` bundles; it takes as many of them as there are, but for `needed`."""

    def __init__(self, folder: Path, owners: int = 1, signers: int = 1, needed: int | None = None) -> None:
        self.folder = folder
        self.owners = keys(owners)
        self.signers = keys(signers)
        self.needed = needed
        self.roots: list[Metadata[Root]] = []
        self.wheels = {"lab_lamp-1.0-py3-none-any.whl": wheel()}
        self.add_root(self.owners)

    @property
    def pinned(self) -> bytes:
        """The first list of keys, with which machines are set up."""
        first: bytes = self.roots[0].to_bytes()
        return first

    def add_root(self, signed_by: Sequence[CryptoSigner], version: int | None = None, days: int = 3650) -> None:
        """The next list, of those who are owners and signers now."""
        made = make_root(
            [one.public_key for one in self.owners],
            [one.public_key for one in self.signers],
            (len(self.owners), self.needed or len(self.signers)),
            NOW + timedelta(days=days),
            version or len(self.roots) + 1,
        )
        for signer in signed_by:
            made.sign(signer, append=True)
        self.roots.append(made)

    def replace_signers(self) -> list[CryptoSigner]:
        """By a next list; those who were."""
        before, self.signers = self.signers, keys(len(self.signers))
        self.add_root(self.owners)
        return before

    def manifest(self, counter: int = 1, **more: Any) -> Manifest:
        """Of the wheels that there are, for any machine."""
        for name, content in self.wheels.items():
            (self.folder / name).write_bytes(content)
        fields: dict[str, Any] = {
            "product": "webmacs-controller",
            "version": f"{counter}.0",
            "from_version": "0",
            "architecture": "any",
            "python": PYTHON,
            "created": NOW,
            "expires": LATER,
            "parts": [part_of(self.folder / name) for name in sorted(self.wheels)],
        }
        return Manifest(format=FORMAT, counter=counter, **(fields | more))

    def bundle(
        self, counter: int = 1, signers: Sequence[CryptoSigner] | None = None, name: str = "", **more: Any
    ) -> Path:
        """Signed by these, or by all who ought to. `more` is for the manifest."""
        manifest = self.manifest(counter, **more)
        path = self.folder / (name or f"{counter}.update")
        write_bundle(path, manifest, self.roots, [self.folder / name for name in self.wheels])
        for signer in self.signers if signers is None else signers:
            sign_bundle(path, [signer])
        return path


def entries(path: Path) -> dict[str, bytes]:
    """What is in a bundle."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(path: Path, files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    """A bundle of these."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def changed(path: Path, changes: Mapping[str, bytes | None]) -> Path:
    """The bundle, with other files in it; None: without this one."""
    files = {**entries(path), **changes}
    return pack(path, {name: content for name, content in files.items() if content is not None})


def forged(path: Path, **more: Any) -> Path:
    """With another manifest, whatever was signed."""
    manifest = msgspec.json.decode(entries(path)["targets/manifest.json"]) | more
    return changed(path, {"targets/manifest.json": msgspec.json.encode(manifest)})


def bomb(megabytes: int) -> bytes:
    """A wheel that unpacks to so many megabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("zeros", "w") as stream:
        for _ in range(megabytes):
            stream.write(bytes(1_000_000))
    return packed.getvalue()


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
