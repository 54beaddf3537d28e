"""A package as the server tells of it, and what it takes to believe it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from webmacs_controller.packages import File
from webmacs_controller.packages.errors import WheelError
from webmacs_controller.packages.signature import SignatureError, TrustedKey, verify

log = logging.getLogger(__name__)

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Package(msgspec.Struct, frozen=True):
    """`signature` is the text of a .minisig file; None: nobody has signed it."""

    name: Text
    version: Text
    file_name: Text
    size: Annotated[int, msgspec.Meta(ge=1)]
    sha256: Digest
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose code is run here."""

    keys: Sequence[TrustedKey]
    allow_unsigned: bool
    refuse_older: bool = False

    def check(self, file: File, signature: str | None) -> str | None:
        """The id of the key by which this file is signed; None if it need not be. Raises WheelError."""
        if signature is None:
            if not self.allow_unsigned:
                raise WheelError("not_signed", "It is not signed, and plugins.allow_unsigned is false here.")
            return None
        try:
            return verify(file, signature, self.keys)
        except SignatureError as error:
            raise WheelError("wrong_signature", f"{str(error)[0].upper()}{str(error)[1:]}.") from None


def read_packages(tables: Sequence[Mapping[str, Any]]) -> list[Package]:
    """What a server wants; what is not understood is left out, and logged."""
    found = []
    for table in tables:
        try:
            found.append(msgspec.convert(table, Package))
        except msgspec.ValidationError as error:
            log.error("a package that the server wants is not understood: %s", error)
    return found
