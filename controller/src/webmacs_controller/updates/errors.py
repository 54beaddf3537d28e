"""What a bundle can be refused for."""

from enum import StrEnum


class Reason(StrEnum):
    """Why it is not taken: a word for programs."""

    DAMAGED = "damaged"
    """It is no bundle, or not a whole one."""
    UNSAFE_NAME = "unsafe_name"
    """A file in it would come to lie outside of its folder, or on another one."""
    TOO_LARGE = "too_large"
    """It, or what it unpacks to, is larger than is allowed."""
    WRONG_SIGNATURE = "wrong_signature"
    """Those have not signed it who have to, by the keys that are trusted here."""
    TAMPERED = "tampered"
    """Something in it is not what was signed."""
    EXPIRED = "expired"
    """Its time is over: whoever offers it may hold back a newer one."""
    OLDER = "older"
    """Its counter is below one that was taken here before."""
    OTHER_BYTES = "other_bytes"
    """Its version, or its counter, was taken here before, with other bytes."""
    WRONG_MANIFEST = "wrong_manifest"
    """What it says of itself is not understood, or contradicts itself."""
    WRONG_PRODUCT = "wrong_product"
    """It is for another program."""
    WRONG_MACHINE = "wrong_machine"
    """It is for another architecture, or another Python."""
    TOO_OLD_HERE = "too_old_here"
    """What runs here is too old to go to it in one step."""
    NO_SPACE = "no_space"
    """The disk has not the room for it."""
    NOT_READY = "not_ready"
    """What has to be there before it is installed is not: a backup, a copy of the database."""
    BUSY = "busy"
    """Another one is being installed, or has to prove itself."""
    INSTALLED = "installed"
    """It is what runs here already."""
    NOTHING = "nothing"
    """There is none."""
    BROKEN = "broken"
    """It was installed, and what came of it does not start."""


class BundleError(Exception):
    """It is not taken. The message says what is wrong, and how it should be."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
