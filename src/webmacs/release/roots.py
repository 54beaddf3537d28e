"""Lists of keys (TUF's root): who may sign lists, who may sign bundles, and how many of them it takes."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from securesystemslib.signer import CryptoSigner, Key, SSlibKey
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Role, Root
from tuf.api.serialization.json import JSONSerializer

from webmacs.problem import Problem

RELEASE_ROLES = ("targets", "snapshot", "timestamp")
WRITTEN = JSONSerializer(compact=False)


def make_root(
    owners: Sequence[SSlibKey],
    signers: Sequence[SSlibKey],
    thresholds: tuple[int, int],
    expires: datetime,
    version: int,
) -> Metadata[Root]:
    """`owners` sign lists of keys, `signers` bundles; nobody has signed it yet. Raises Problem."""
    for name, group, threshold in (("owner", owners, thresholds[0]), ("signer", signers, thresholds[1])):
        different = len({key.keyid for key in group})
        if different < threshold:
            raise Problem(f"{name}: it takes {threshold} of them, and there are {different}.")
    roles = {"root": _role(owners, thresholds[0])}
    roles |= {role: _role(signers, thresholds[1]) for role in RELEASE_ROLES}
    keys: dict[str, Key] = {key.keyid: key for key in (*owners, *signers)}
    return Metadata(Root(version, None, expires, keys, roles, consistent_snapshot=False))


def read_root(path: Path) -> Metadata[Root]:
    """Raises Problem."""
    try:
        return Metadata[Root].from_bytes(path.read_bytes())
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from None
    except RepositoryError as error:
        raise Problem(f"{path} is no list of keys: {error}") from None


def write_root(path: Path, root: Metadata[Root], new: bool = False) -> None:
    """`new`: not in the place of one that is there, which others may have signed. Raises Problem."""
    try:
        with path.open("xb" if new else "wb") as file:
            file.write(root.to_bytes(WRITTEN) + b"\n")
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from None


def sign_root(path: Path, signers: Sequence[CryptoSigner], before: Metadata[Root] | None) -> list[str]:
    """With these keys besides those that have signed it; what is missing until it counts, in words. Raises Problem."""
    root = read_root(path)
    if before is None and root.signed.version > 1:
        raise Problem(f"This is list {root.signed.version}: give the one that it follows by --after.")
    owners = {keyid for judge in (before, root) if judge for keyid in judge.signed.roles["root"].keyids}
    for signer in signers:
        if signer.public_key.keyid not in owners:
            raise Problem(
                f"The key {signer.public_key.keyid} is not among the owners of this list, nor of the one before."
            )
        root.sign(signer, append=True)
    root.signatures = dict(sorted(root.signatures.items()))
    write_root(path, root)
    return still_needed(root, before)


def check_chain(roots: Sequence[Metadata[Root]]) -> None:
    """Whether each follows the one before, and is signed by enough owners of both. Raises Problem."""
    before = None
    for number, root in enumerate(roots, 1):
        if root.signed.version != number:
            raise Problem(f"Lists of keys are needed from version 1 on, each once; {number} is missing.")
        for judge in (before, root):
            _check_signed(judge, root)
        before = root


def still_needed(root: Metadata[Root], before: Metadata[Root] | None) -> list[str]:
    """In words: what is missing until it counts."""
    missing = []
    for whose, judge in (("of the list before", before), ("of this list", root)):
        if judge is not None:
            result = judge.signed.get_verification_result(Root.type, root.signed_bytes, root.signatures)
            if not result.verified:
                left = result.threshold - len(result.signed)
                missing.append(f"{left} more of the owners {whose}")
    return missing


def _check_signed(judge: Metadata[Root] | None, root: Metadata[Root]) -> None:
    if judge is not None:
        try:
            judge.signed.verify_delegate(Root.type, root.signed_bytes, root.signatures)
        except RepositoryError:
            raise Problem(
                f"The list of keys {root.signed.version} is not signed by enough owners of the list"
                f" {judge.signed.version}."
            ) from None


def _role(keys: Sequence[SSlibKey], threshold: int) -> Role:
    return Role([key.keyid for key in keys], threshold)
