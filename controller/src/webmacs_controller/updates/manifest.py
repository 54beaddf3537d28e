"""What a bundle says of itself: product, version, for which machines, and each of its parts by size and digest."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from packaging.version import InvalidVersion, Version

from webmacs_controller.updates.errors import BundleError, Reason

FORMAT = 1
PRODUCTS = ("webmacs-controller", "webmacs-server")
MOST_PARTS = 500

Product = Literal["webmacs-controller", "webmacs-server"]
VersionText = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z.!+-]{1,50}$")]
Time = Annotated[datetime, msgspec.Meta(tz=True)]


class Part(msgspec.Struct, frozen=True):
    """A wheel."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.!+-]{0,199}\.whl$")]
    size: Annotated[int, msgspec.Meta(ge=1)]
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Manifest(msgspec.Struct, frozen=True):
    """`counter` rises from release to release of a product, and with it what may follow; `from_version`: the lowest
    version that may go to this one in a step; `python` is "3.11" and the like, for the wheels are made for one."""

    format: int
    product: Product
    version: VersionText
    counter: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    from_version: VersionText
    architecture: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_]{1,30}$")]
    python: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,2}\.[0-9]{1,3}$")]
    created: Time
    expires: Time
    parts: Annotated[list[Part], msgspec.Meta(min_length=1, max_length=MOST_PARTS)]
    changes: Annotated[str, msgspec.Meta(max_length=100_000)] = ""

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.parts)

    @property
    def content(self) -> str:
        """A digest of all that is installed; not of when and under which counter it was signed."""
        return digest_of(self.parts)

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.product} {self.version}"


def digest_of(parts: Sequence[Part]) -> str:
    """Whatever their order is."""
    lines = sorted(f"{part.sha256} {part.name}\n" for part in parts)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_manifest(data: bytes) -> Manifest:
    """Raises BundleError."""
    try:
        asked = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).get("format", msgspec.Raw(b"0"))
        if msgspec.json.decode(asked) != FORMAT:
            raise _wrong(f"its format is another than {FORMAT}, which is all that this version knows")
        manifest = msgspec.json.decode(data, type=Manifest)
        lowest, version = Version(manifest.from_version), Version(manifest.version)
    except (msgspec.MsgspecError, UnicodeDecodeError, InvalidVersion) as error:
        raise _wrong(str(error)) from None
    names = {part.name.lower() for part in manifest.parts}
    if len(names) < len(manifest.parts):
        raise _wrong("a part is named twice")
    if lowest > version:
        raise _wrong("the lowest version to come from is above its own")
    return manifest


def write_manifest(manifest: Manifest) -> bytes:
    """The same bytes for the same manifest."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def whole_second(time: datetime) -> datetime:
    """As manifests and their signatures have it."""
    return time.astimezone(UTC).replace(microsecond=0)


def _wrong(why: str) -> BundleError:
    return BundleError(Reason.WRONG_MANIFEST, f"The manifest cannot be used: {why}.")
