"""RECORD: a wheel lists each of its files with a hash."""

import csv
import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from zipfile import ZipFile, ZipInfo

from webmacs_controller.packages.archive import files, pieces
from webmacs_controller.packages.errors import WheelError

ALGORITHMS = ("sha256", "sha384", "sha512")
UNLISTED = ("RECORD", "RECORD.jws", "RECORD.p7s")


def check_record(archive: ZipFile, folder: str, text: str) -> None:
    """Each file is as RECORD, which is `text`, says, and no other is there. Raises WheelError."""
    listed = _read(text)
    present = {entry.filename: entry for entry in files(archive)}
    unlisted = {f"{folder}/{name}" for name in UNLISTED}
    for name in sorted((present.keys() ^ listed.keys()) - unlisted):
        where = "in RECORD, but not in the wheel" if name in listed else "in the wheel, but not in RECORD"
        raise WheelError("wrong_record", f"{name} is {where}.")
    for name in present.keys() - unlisted:
        _check(archive, present[name], listed)


def _read(text: str) -> Mapping[str, str]:
    try:
        rows = [row for row in csv.reader(text.splitlines()) if row]
    except csv.Error as error:
        raise WheelError("wrong_record", f"RECORD cannot be read: {error}.") from None
    if not all(len(row) == 3 for row in rows):
        raise WheelError("wrong_record", "Each line of RECORD must be a name, a hash and a size.")
    return {name: hashed for name, hashed, _ in rows}


def _check(archive: ZipFile, entry: ZipInfo, listed: Mapping[str, str]) -> None:
    algorithm, _, encoded = listed[entry.filename].partition("=")
    if algorithm not in ALGORITHMS:
        allowed = ", ".join(ALGORITHMS)
        raise WheelError("wrong_record", f"RECORD must have a hash of {entry.filename}: {allowed}.")
    digest = hashlib.new(algorithm)
    for piece in pieces(archive, entry):
        digest.update(piece)
    if digest.digest() != _decoded(encoded):
        raise WheelError("wrong_record", f"{entry.filename} is not what RECORD says.")


def _decoded(encoded: str) -> bytes:
    try:
        return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    except ValueError:
        return b""
