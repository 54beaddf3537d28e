"""Passwords and their bcrypt hashes. What may be one is decided here, because only here it is seen in clear."""

import bcrypt

from webmacs.problem import Problem

SHORTEST = 8  # characters
LONGEST = 72  # bytes; bcrypt would ignore what comes after


def check_new_password(password: str) -> None:
    """Raise Problem with what is wrong with a password that somebody wants to have from now on."""
    if len(password) < SHORTEST:
        raise Problem(f"A password must have at least {SHORTEST} characters.")
    if len(password.encode()) > LONGEST:
        raise Problem(f"A password must have at most {LONGEST} bytes (letters with accents count as two or more).")
    if "\0" in password:
        raise Problem("A password must not contain the character NUL.")


def hash_password(password: str, rounds: int) -> str:
    """The bcrypt hash; takes a fraction of a second of one processor."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(rounds)).decode()


def matches(password: str, stored: str) -> bool:
    """Whether `password` is the one that was hashed. Takes as long whatever the password is."""
    given = password.encode()
    equal = bcrypt.checkpw(given[:LONGEST], stored.encode())
    return equal and len(given) <= LONGEST
