"""The keys that sign tokens: private ones as PEM files, the public set as jwks.json for PostgREST."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from webmacs.config import Config
from webmacs.problem import Problem

BITS = 2048
JWKS = "jwks.json"


@dataclass(frozen=True)
class Key:
    """A signing key; `kid` is its RFC 7638 thumbprint, so the same key always has the same name."""

    kid: str
    private: rsa.RSAPrivateKey

    @property
    def public(self) -> rsa.RSAPublicKey:
        """The half that verifies."""
        return self.private.public_key()

    def jwk(self) -> dict[str, str]:
        """The public half, as it stands in the JWKS."""
        return {**_public_numbers(self.public), "kid": self.kid, "use": "sig", "alg": "RS256"}


@dataclass(frozen=True)
class KeySet:
    """All keys whose tokens verify. The newest signs."""

    keys: tuple[Key, ...]

    @property
    def current(self) -> Key:
        return self.keys[-1]

    def find(self, kid: object) -> Key | None:
        """The key of that name."""
        return next((key for key in self.keys if key.kid == kid), None)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public set, as `GET /.well-known/jwks.json` shows it."""
        return {"keys": [key.jwk() for key in self.keys]}


def ensure_key(config: Config) -> KeySet:
    """The keys of `[auth] keys_dir`; makes the first one, and writes jwks.json where it differs.

    Raises Problem if the folder cannot be read or written.
    """
    folder = config.auth.keys_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = load_keys(config) or KeySet((_create(folder),))
        _write_jwks(folder / JWKS, keys)
    except OSError as error:
        raise Problem(f"The keys in {folder} cannot be read or written: {error.strerror}.") from error
    return keys


def load_keys(config: Config) -> KeySet | None:
    """The keys that are there, oldest first; None if there is none. Writes nothing."""
    files = sorted(config.auth.keys_dir.glob("*.pem"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    return KeySet(tuple(map(_read, files))) if files else None


def _create(folder: Path) -> Key:
    """A new key in its file, which nobody else may read at any moment."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = Key(_thumbprint(private.public_key()), private)
    _write(folder / f"{key.kid}.pem", pem, 0o600)
    return key


def _read(file: Path) -> Key:
    try:
        private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError):
        private = None
    if not isinstance(private, rsa.RSAPrivateKey):
        raise Problem(f"{file} is not an RSA private key in PEM form; put it right or move it away.")
    return Key(_thumbprint(private.public_key()), private)


def _write_jwks(file: Path, keys: KeySet) -> None:
    content = json.dumps(keys.jwks(), indent=2).encode()
    if not file.exists() or file.read_bytes() != content:
        _write(file, content, 0o644)


def _write(file: Path, content: bytes, mode: int) -> None:
    """Writes beside the file and renames, so that a reader finds the old or the new one, never half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as target:
        target.write(content)
        target.flush()
        os.fsync(descriptor)
    draft.replace(file)


def _thumbprint(public: rsa.RSAPublicKey) -> str:
    canonical = json.dumps(_public_numbers(public), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _public_numbers(public: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}


def _number(number: int) -> str:
    return _base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
