"""Signatures of minisign: whoever has the secret key has signed exactly these bytes.

The format is that of https://jedisct1.github.io/minisign: Ed25519 over BLAKE2b-512 of the file, and once more over that
signature and its trusted comment.
"""

import hashlib
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass

from webmacs_controller.packages import File

ALGORITHM = b"Ed"
PREHASHED = b"ED"
COMMENT = "trusted comment: "
LONGEST = 4096
"""Characters of a signature with its comments."""


class SignatureError(Exception):
    """A signature that does not count; the message says why."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """The public half. `id` is as minisign shows it."""

    id: str
    public: bytes


@dataclass(frozen=True, slots=True)
class _Signature:
    key_id: str
    of_file: bytes
    comment: bytes
    of_comment: bytes


def read_key(line: str) -> TrustedKey:
    """The second line of a minisign.pub. Raises ValueError."""
    content = _decoded(line, 42)
    if content is None or not content.startswith(ALGORITHM):
        raise ValueError("each must be the second line of a minisign.pub")
    return TrustedKey(_key_id(content[2:10]), content[10:])


def verify(file: File, text: str, keys: Sequence[TrustedKey]) -> str:
    """The id of the key that has signed this file by the signature in `text`. Raises SignatureError."""
    signature = _read(text)
    found = [key for key in keys if key.id == signature.key_id]
    if not found:
        raise SignatureError(f"it is signed with the key {signature.key_id}, which is not trusted here")
    file.seek(0)
    digest = hashlib.file_digest(file, hashlib.blake2b).digest()
    if not any(_fits(key, signature, digest) for key in found):
        raise SignatureError("the signature is not that of this file")
    return signature.key_id


def _read(text: str) -> _Signature:
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    if len(text) > LONGEST or len(lines) != 4 or not lines[2].startswith(COMMENT):
        raise SignatureError("this is not what minisign writes into a .minisig file")
    of_file, of_comment = _decoded(lines[1], 74), _decoded(lines[3], 64)
    if of_file is None or of_comment is None:
        raise SignatureError("this is not what minisign writes into a .minisig file")
    if not of_file.startswith(PREHASHED):
        raise SignatureError("the signature is of the old form, which minisign -l makes; sign without -l")
    comment = lines[2].removeprefix(COMMENT).encode()
    return _Signature(_key_id(of_file[2:10]), of_file[10:], comment, of_comment)


def _fits(key: TrustedKey, signature: _Signature, digest: bytes) -> bool:
    # loaded where it is needed: most controllers have no packages, and it takes its time and memory
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public = Ed25519PublicKey.from_public_bytes(key.public)
    try:
        public.verify(signature.of_file, digest)
        public.verify(signature.of_comment, signature.of_file + signature.comment)
    except InvalidSignature:
        return False
    return True


def _decoded(line: str, length: int) -> bytes | None:
    try:
        content = b64decode(line, validate=True)
    except (NotBase64, ValueError):
        return None
    return content if len(content) == length else None


def _key_id(number: bytes) -> str:
    return number[::-1].hex().upper()
