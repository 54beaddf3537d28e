"""Passwords and their hashes. What may be one is decided here, because only here it is seen in clear.

bcrypt reads 72 bytes and no more. So it gets the HMAC-SHA-256 of the whole password, 44 characters in base64, under its
own salt: a hash of that kind in some other leak cannot be tried against ours. Hashes of bcrypt alone, which were made
before, go on counting and are made anew at the next login (`is_outdated`).
"""

import hmac
import unicodedata
from base64 import b64encode

import bcrypt

from webmacs.problem import Problem

# Characters. NIST SP 800-63B-4 asks for 15 where a password is all that is asked for.
SHORTEST = 15
LONGEST = 1000
SCHEME = "hmac-sha256"
SALT = 29  # characters of a bcrypt hash that are its version, cost and salt
DIGEST = 31  # characters that follow
BCRYPT_READS = 72  # bytes


def check_new_password(password: str) -> None:
    """Raise Problem with what is wrong with the length of a password that somebody wants from now on."""
    # one sign may be written as many, and many as one
    if min(len(password), len(normal(password))) < SHORTEST:
        raise Problem(f"A password must have at least {SHORTEST} characters; several words are easy to remember.")
    if len(password) > LONGEST:
        raise Problem(f"A password must have at most {LONGEST} characters.")
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise Problem("A password must be valid Unicode.")


def hash_password(password: str, rounds: int) -> str:
    """The hash that is kept; takes a fraction of a second of one processor."""
    salt = bcrypt.gensalt(rounds)
    return SCHEME + bcrypt.hashpw(_digest(password, salt), salt).decode()


def hash_of_nobody(rounds: int) -> str:
    """A hash that no password has; to compare with it takes as long as with one that somebody has."""
    return SCHEME + bcrypt.gensalt(rounds).decode() + DIGEST * "."


def matches(password: str, stored: str) -> bool:
    """Whether `password` is the one that was hashed. Takes as long whatever the password is."""
    if not stored.startswith(SCHEME):
        return _matches_bcrypt(password.encode(), stored.encode())
    bare = stored.removeprefix(SCHEME).encode()
    return bcrypt.checkpw(_digest(password, bare[:SALT]), bare)


def is_outdated(stored: str, rounds: int) -> bool:
    """Whether a hash would be made otherwise today."""
    return not stored.startswith(f"{SCHEME}$2b${rounds:02}$")


def _matches_bcrypt(given: bytes, stored: bytes) -> bool:
    equal = bcrypt.checkpw(given[:BCRYPT_READS], stored)
    return equal and len(given) <= BCRYPT_READS


def _digest(password: str, salt: bytes) -> bytes:
    return b64encode(hmac.digest(salt, normal(password).encode(), "sha256"))


def normal(password: str) -> str:
    """The same characters, however a keyboard has composed them."""
    return unicodedata.normalize("NFKC", password)
