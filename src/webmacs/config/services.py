"""The settings of a local service. Meaning and defaults stand in config.default.toml too, as an example."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from webmacs.config.checks import Between, EntryName, Secret, Text


@dataclass(frozen=True)
class Service:
    """A program of this machine that gets a short token by signing a request with `key`."""

    name: EntryName
    key: Annotated[str, Secret(shortest=32)] = field(repr=False)
    user: Text
    role: Literal["viewer", "operator", "admin"]
    seconds: Annotated[int, Between(10, 3600)] = 300
    read_only: bool = False
