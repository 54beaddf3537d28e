"""What a backup says of itself: what it was made of, its parts with their digests, and what each table had."""

from datetime import datetime
from typing import Annotated

import msgspec

from webmacs.problem import Problem

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
LONGEST = 50_000_000

Count = Annotated[int, msgspec.Meta(ge=0)]


class Part(msgspec.Struct, frozen=True):
    """A file of the backup."""

    name: str
    size: Count
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Figures(msgspec.Struct, frozen=True):
    """Of a table: how many rows, and a sum over all of them that does not depend on their order."""

    rows: Count
    digest: str


class Manifest(msgspec.Struct, frozen=True):
    """`postgres`: the major version of the server, `pg_dump` that of the program; `migrations`: those of the database,
    all of which whoever restores it has to know; `tables`: each partition by itself."""

    format: int
    webmacs: str
    created: Annotated[datetime, msgspec.Meta(tz=True)]
    database: str
    postgres: Count
    pg_dump: Count
    migrations: list[str]
    tables: dict[str, Figures]
    parts: list[Part]

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(figures.rows for figures in self.tables.values())

    def part(self, name: str) -> Part | None:
        """None: there is no such part."""
        return next((part for part in self.parts if part.name == name), None)


def write(manifest: Manifest) -> bytes:
    """For people, too."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"


def read(content: bytes) -> Manifest:
    """Raises Problem."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as error:
        raise Problem(f"The backup is damaged: its {MANIFEST} cannot be read: {error}.") from None
    if manifest.format != FORMAT:
        raise Problem(f"The backup has the format {manifest.format}, and this WebMACS knows {FORMAT} alone.")
    if manifest.part(DUMP) is None:
        raise Problem(f"The backup is damaged: {DUMP} is not in it.")
    return manifest
