"""Refresh tokens: 256 random bits. The database keeps their SHA-256, and what a successor is derived with."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

BYTES = 32
NONCE_BYTES = 32


def fresh() -> str:
    """The first of a session."""
    return secrets.token_urlsafe(BYTES)


def nonce() -> bytes:
    """What a successor is derived with, unless the database knows one already."""
    return secrets.token_bytes(NONCE_BYTES)


def successor(token: str, with_nonce: bytes) -> str:
    """The same for the same token and nonce; nobody without the token can tell it."""
    derived = hmac.digest(token.encode(), with_nonce, "sha256")
    return urlsafe_b64encode(derived).rstrip(b"=").decode()


def hashed(token: str) -> bytes:
    """What the database keeps of it."""
    return hashlib.sha256(token.encode()).digest()
