"""Whether a password is one of those that are tried first."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webmacs.accounts.passwords import normal
from webmacs.problem import Problem

# Guesses that it must take, as zxcvbn estimates them: its best score. For one less, three of the commonest words do.
ENOUGH = 10**10
# Characters that are judged. 72 of those that may stand for letters take 6 seconds, and what is weak in these is weak.
READ = 40
OURS = ("webmacs",)
SHORTEST_NAME = 3  # characters; shorter ones are in too many words


@dataclass(frozen=True)
class Weakness:
    """Why a password is weak, if there is more to say than that it is."""

    why: str | None

    message = "The password is too easy to guess."
    hint = "Take several words that have nothing to do with each other or with you, or a password manager."


def weakness(password: str, about: Iterable[str]) -> Weakness | None:
    """What makes a password weak; None: nothing. `about` is what others know of its user, as name and address.

    It is compared with lists of common passwords, names and words, also as l33t, in reverse, repeated, or in rows of
    keys (zxcvbn); what kinds of characters it has does not matter. What others know adds nothing.
    """
    # lists of 14 MB, which a process that never sets a password need not have
    from zxcvbn import zxcvbn

    names = _names([*about, *OURS])
    rest = _without(names, normal(password))[:READ]
    if not rest:
        return Weakness(None)
    found = zxcvbn(rest, user_inputs=names)
    return Weakness(found["feedback"]["warning"] or None) if found["guesses"] < ENOUGH else None


def require_strong(password: str, about: Iterable[str]) -> None:
    """Raise Problem if it is weak. For the command."""
    if weak := weakness(password, about):
        raise Problem(" ".join(filter(None, [weak.message, weak.why, weak.hint])))


def _names(known: Iterable[str]) -> list[str]:
    """All of it and its parts, the longest first."""
    parts = {part for word in known for part in (word, *re.split(r"[\W_]+", word)) if len(part) >= SHORTEST_NAME}
    return sorted(parts, key=len, reverse=True)


def _without(names: Sequence[str], password: str) -> str:
    return re.sub("|".join(map(re.escape, names)), "", password, flags=re.IGNORECASE)
