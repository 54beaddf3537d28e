"""A signing key, and the set of those whose tokens verify."""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Protocol

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

BITS = 2048


@dataclass(frozen=True)
class Key:
    """A signing key; `kid` is its RFC 7638 thumbprint, so the same key always has the same name."""

    kid: str
    private: rsa.RSAPrivateKey

    @classmethod
    def of(cls, private: rsa.RSAPrivateKey) -> "Key":
        """The key with this private half."""
        return cls(_thumbprint(private.public_key()), private)

    @property
    def public(self) -> rsa.RSAPublicKey:
        """The half that verifies."""
        return self.private.public_key()

    def jwk(self) -> dict[str, str]:
        """The public half, as it stands in the JWKS."""
        return {**_public_numbers(self.public), "kid": self.kid, "use": "sig", "alg": "RS256"}

    def pem(self) -> bytes:
        """The private half, as it stands in its file."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


class Keys(Protocol):
    """Keys that may be others the next time one asks."""

    @property
    def current(self) -> Key:
        """The one that signs."""

    def find(self, kid: object) -> Key | None:
        """The key of that name, if its tokens verify."""

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public set."""


@dataclass(frozen=True)
class KeySet:
    """All keys whose tokens verify. The last one signs."""

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


def new_key() -> Key:
    """A key that nobody has."""
    return Key.of(rsa.generate_private_key(public_exponent=65537, key_size=BITS))


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
