"""Bundles, as their maker writes them: the same bytes for the same parts, keys and times."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
from webmacs_controller.updates.bundle import MANIFEST, Bundle, open_bundle
from webmacs_controller.updates.errors import BundleError
from webmacs_controller.updates.manifest import Manifest, Part, read_manifest, write_manifest
from webmacs_controller.updates.signatures import LONGEST_METADATA

from webmacs.problem import Problem
from webmacs.release.roots import RELEASE_ROLES

MOST_MEGABYTES = 4_000
PIECE = 1 << 20
ROOT = re.compile(r"metadata/([0-9]{1,9})\.root\.json")
EPOCH = (1980, 1, 1, 0, 0, 0)

Content: TypeAlias = bytes | Path | Iterable[bytes]
Roles: TypeAlias = Mapping[str, Metadata[Any]]


def part_of(wheel: Path) -> Part:
    """Raises OSError."""
    with wheel.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Part(wheel.name, wheel.stat().st_size, digest)


def write_bundle(path: Path, manifest: Manifest, roots: Sequence[Metadata[Root]], wheels: Sequence[Path]) -> None:
    """Nobody has signed it yet. Raises Problem, OSError."""
    data = write_manifest(manifest)
    read_manifest(data)
    files: dict[str, Content] = {f"metadata/{root.signed.version}.root.json": root.to_bytes() for root in roots}
    files |= {f"metadata/{role}.json": one.to_bytes() for role, one in _unsigned(manifest, data).items()}
    files[f"targets/{MANIFEST}"] = data
    files |= {f"wheels/{wheel.name}": wheel for wheel in sorted(wheels)}
    _write(path, files)


def sign_bundle(path: Path, signers: Sequence[CryptoSigner]) -> list[str]:
    """With these keys besides those that have signed it; what is missing until it counts, in words. Raises Problem."""
    with opened(path) as bundle:
        root = _newest_root(bundle)
        metadata = {role: read_role(bundle, role) for role in RELEASE_ROLES}
        for signer in signers:
            _sign(root, metadata, signer)
        files: dict[str, Content] = {name: bundle.pieces(name) for name in bundle.names}
        files |= {f"metadata/{role}.json": one.to_bytes() for role, one in metadata.items()}
        _write(path, files)
    return _missing(root, metadata)


def signed_by(bundle: Bundle) -> tuple[list[str], int]:
    """Ids of the keys that have signed it, of those that the newest list in it has, and how many it takes. Nothing says
    yet that this list is to be trusted. Raises Problem."""
    root = _newest_root(bundle).signed
    found = None
    for role in RELEASE_ROLES:
        one = read_role(bundle, role)
        result = root.get_verification_result(role, one.signed_bytes, one.signatures)
        found = set(result.signed) if found is None else found & set(result.signed)
    return sorted(found or ()), root.roles["targets"].threshold


def read_role(bundle: Bundle, role: str) -> Metadata[Any]:
    """Raises BundleError, RepositoryError."""
    return Metadata.from_bytes(bundle.read(f"metadata/{role}.json", LONGEST_METADATA))


@contextmanager
def opened(path: Path) -> Iterator[Bundle]:
    """A bundle of whose signatures nothing is asked. What is wrong with it is a Problem."""
    try:
        with open_bundle(path, MOST_MEGABYTES) as bundle:
            yield bundle
    except BundleError as error:
        raise Problem(f"{path}: {error}") from None
    except RepositoryError as error:
        raise Problem(f"{path}: what is signed in it cannot be read: {error}") from None
    except OSError as error:
        raise Problem(f"{error.filename or path}: {error.strerror}") from None


def _unsigned(manifest: Manifest, data: bytes) -> dict[str, Metadata[Any]]:
    """The counter is the version of each; so it is TUF's client that refuses what is older."""
    counter, until = manifest.counter, manifest.expires
    target = TargetFile.from_data(MANIFEST, data, ["sha256"])
    return {
        "targets": Metadata(Targets(counter, None, until, {MANIFEST: target})),
        "snapshot": Metadata(Snapshot(counter, None, until, {"targets.json": MetaFile(counter)})),
        "timestamp": Metadata(Timestamp(counter, None, until, MetaFile(counter))),
    }


def _newest_root(bundle: Bundle) -> Metadata[Root]:
    """Raises Problem."""
    versions = [int(found[1]) for name in bundle.names if (found := ROOT.fullmatch(name))]
    if not versions:
        raise Problem("There is no list of keys in it.")
    return Metadata[Root].from_bytes(bundle.read(f"metadata/{max(versions)}.root.json", LONGEST_METADATA))


def _sign(root: Metadata[Root], metadata: Roles, signer: CryptoSigner) -> None:
    key = signer.public_key.keyid
    for role, one in metadata.items():
        if key not in root.signed.roles[role].keyids:
            raise Problem(f"The key {key} is not among those who sign bundles, by the list of keys in it.")
        one.sign(signer, append=True)
        one.signatures = dict(sorted(one.signatures.items()))  # whoever signs first


def _missing(root: Metadata[Root], metadata: Roles) -> list[str]:
    left = 0
    for role, one in metadata.items():
        result = root.signed.get_verification_result(role, one.signed_bytes, one.signatures)
        left = max(left, result.threshold - len(result.signed))
    return [f"{left} more of those who sign bundles"] if left > 0 else []


def _write(path: Path, files: Mapping[str, Content]) -> None:
    """The whole file, or the one before."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        with ZipFile(fresh, "w", ZIP_STORED, allowZip64=False) as archive:
            for name, content in files.items():
                entry = ZipInfo(name, EPOCH)
                entry.external_attr = 0o100644 << 16
                entry.create_system = 3
                with archive.open(entry, "w") as stream:
                    for piece in _pieces(content):
                        stream.write(piece)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _pieces(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
    elif isinstance(content, Path):
        with content.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
    else:
        yield from content
