"""Signed requests after RFC 9421 (HTTP Message Signatures), of which one shape is taken. docs/services.md explains it.

All of `COVERED` is signed, in any order, with all of `PARAMETERS`, in any order, and nothing else.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from webmacs.config.checks import NAME

COVERED = ("@method", "@path", "@query", "content-digest")
ALGORITHM = "hmac-sha256"
PARAMETERS = {
    "created": re.compile(r"\d{1,11}", re.ASCII),
    "nonce": re.compile(r'"[A-Za-z0-9+/=_-]{16,64}"'),
    "keyid": re.compile(f'"{NAME}"'),
    "alg": re.compile(f'"{ALGORITHM}"'),
}
LONGEST = 500  # characters of a header
LABEL = r"[a-z][a-z0-9_-]{0,39}"
INPUT = re.compile(rf'({LABEL})=(\(([^()]*)\)((?:;[a-z]+=(?:\d+|"[^"\\]*"))+))', re.ASCII)
PARAMETER = re.compile(r';([a-z]+)=(\d+|"[^"]*")', re.ASCII)
SIGNATURE = re.compile(rf"({LABEL})=:([A-Za-z0-9+/]{{43}}=):")
VISIBLE = re.compile(rb"[!-~]*")


class MalformedError(ValueError):
    """A header of a signed request that has not the form it must have; says which one, and the form."""


@dataclass(frozen=True)
class Signed:
    """What is signed of a request: as it came over the wire, nothing decoded. `digest` is its Content-Digest."""

    method: str
    path: bytes
    query: bytes
    digest: str


@dataclass(frozen=True)
class Signature:
    """What a request says of its signature. `names` and `parameters` are what the signer wrote, in that order."""

    service: str
    nonce: str
    created: int
    names: tuple[str, ...]
    parameters: str
    value: bytes


def content_digest(body: bytes) -> str:
    """The header Content-Digest (RFC 9530) of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def read_signature(signature_input: str, signature: str) -> Signature:
    """What the headers Signature-Input and Signature say. Raises MalformedError."""
    found = INPUT.fullmatch(signature_input) if len(signature_input) <= LONGEST else None
    if found is None:
        raise MalformedError('Signature-Input must be label=("…" …);created=…;nonce="…";keyid="…";alg="hmac-sha256".')
    label, parameters, names, rest = found.groups()
    value = SIGNATURE.fullmatch(signature) if len(signature) <= LONGEST else None
    if value is None or value[1] != label:
        raise MalformedError(f"Signature must be {label}=:…: with 32 bytes as base64.")
    if sorted(names.split(" ")) != sorted(f'"{name}"' for name in COVERED):
        raise MalformedError(f"Signature-Input must cover {', '.join(COVERED)}, each once and nothing else.")
    known = _known(PARAMETER.findall(rest))
    return Signature(
        service=known["keyid"],
        nonce=known["nonce"],
        created=int(known["created"]),
        names=tuple(name.strip('"') for name in names.split(" ")),
        parameters=parameters,
        value=base64.b64decode(value[2]),
    )


def signature_base(signed: Signed, names: tuple[str, ...], parameters: str) -> bytes:
    """The text that is signed. No two requests have the same one. Raises MalformedError."""
    values = {
        "@method": signed.method.encode(),
        "@path": signed.path,
        "@query": b"?" + signed.query,
        "content-digest": signed.digest.encode(),
    }
    # a line break within a value would be another way to write the next line
    if not all(VISIBLE.fullmatch(value) for value in values.values()):
        raise MalformedError("Method, path and query must be visible ASCII; anything else is percent-encoded.")
    lines = [b'"%b": %b' % (name.encode(), values[name]) for name in names]
    return b"\n".join([*lines, b'"@signature-params": %b' % parameters.encode()])


def is_signed(signed: Signed, signature: Signature, key: str) -> bool:
    """Whether whoever has `key` signed this, found out in a time that tells nothing. Raises MalformedError."""
    base = signature_base(signed, signature.names, signature.parameters)
    return hmac.compare_digest(hmac.digest(key.encode(), base, hashlib.sha256), signature.value)


def _known(found: list[tuple[str, str]]) -> Mapping[str, str]:
    """Each parameter without its quotes; every one of PARAMETERS once, in its form."""
    if sorted(name for name, _ in found) != sorted(PARAMETERS):
        raise MalformedError(f"Signature-Input must have {', '.join(PARAMETERS)}, each once and nothing else.")
    for name, value in found:
        if not PARAMETERS[name].fullmatch(value):
            raise MalformedError(f"{name} in Signature-Input must have the form {PARAMETERS[name].pattern}.")
    return {name: value.strip('"') for name, value in found}
