"""Whether a password is one of those that are tried first."""

from collections.abc import Iterable
from dataclasses import dataclass

from webmacs.problem import Problem

# Guesses that it must take, as zxcvbn estimates them: more than anybody has, whom the limits let make some in an hour.
ENOUGH = 10**8
READ = 72  # characters that are judged; more would take long, and what is weak in these is weak
OURS = ("webmacs",)


@dataclass(frozen=True)
class Weakness:
    """Why a password is weak, if there is more to say than that it is."""

    why: str | None

    message = "The password is too easy to guess."
    hint = "Take several words that have nothing to do with each other or with you, or a password manager."


def weakness(password: str, about: Iterable[str]) -> Weakness | None:
    """What makes a password weak; None: nothing. `about` is what others know of its user, as name and address.

    It is compared with lists of common passwords, names and words, also as l33t, in reverse, repeated, or in rows of
    keys (zxcvbn); what kinds of characters it has does not matter.
    """
    # lists of 14 MB, which a process that never sets a password need not have
    from zxcvbn import zxcvbn

    words = [part for word in about for part in (word, *word.split("@"))]
    found = zxcvbn(password[:READ], user_inputs=[*words, *OURS])
    return Weakness(found["feedback"]["warning"] or None) if found["guesses"] < ENOUGH else None


def require_strong(password: str, about: Iterable[str]) -> None:
    """Raise Problem if it is weak. For the command."""
    if weak := weakness(password, about):
        raise Problem(" ".join(filter(None, [weak.message, weak.why, weak.hint])))
