"""Keys of those who sign: Ed25519, the secret half as PEM, the public one as JSON that a list of keys takes up."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner, SSlibKey

from webmacs.problem import Problem


def make_key(path: Path, passphrase: str) -> str:
    """A new pair, in `path` (0600) and `path`.pub; its id. Without a passphrase the file alone is enough to sign."""
    private = Ed25519PrivateKey.generate()
    encryption = form.BestAvailableEncryption(passphrase.encode()) if passphrase else form.NoEncryption()
    pem = private.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, encryption)
    public = CryptoSigner(private).public_key
    keyid: str = public.keyid
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(pem)
        public_path(path).write_text(json.dumps({"keyid": keyid, **public.to_dict()}, indent=1) + "\n")
    except OSError as error:
        raise Problem(f"{error.filename}: {error.strerror}") from None
    return keyid


def public_path(path: Path) -> Path:
    """Of the file with the public half."""
    return path.with_name(f"{path.name}.pub")


def read_public(path: Path) -> SSlibKey:
    """Raises Problem."""
    try:
        content = json.loads(path.read_text())
        key = SSlibKey.from_dict(content.pop("keyid"), content)
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, AttributeError, TypeError):
        raise Problem(f"{path} is no public key of `webmacs release key`.") from None
    if not isinstance(key, SSlibKey):
        raise Problem(f"{path} is no public key of `webmacs release key`.")
    return key


def read_private(path: Path, ask: Callable[[Path], str]) -> CryptoSigner:
    """`ask` is called if it has a passphrase. Raises Problem."""
    try:
        pem = path.read_bytes()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from None
    phrase = ask(path).encode() if b"ENCRYPTED" in pem else None
    try:
        key = form.load_pem_private_key(pem, phrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Problem(f"{path} is no secret key, or that was not its passphrase.") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise Problem(f"{path} is no key of Ed25519.")
    return CryptoSigner(key)
