"""What is told about a plugin to somebody who may configure it."""

from typing import Any

import msgspec

from webmacs_controller.sdk.plugin import Plugin
from webmacs_controller.sdk.schema import Schema, schema_of


class Description(msgspec.Struct, frozen=True):
    """`schema` is the JSON Schema of its settings."""

    id: str
    name: str
    version: str
    description: str
    schema: Schema


def describe(kind: type[Plugin[Any]]) -> Description:
    """Raises TypeError where no form can be drawn from the settings."""
    meta = kind.meta
    return Description(meta.id, meta.name, meta.version, meta.description, schema_of(kind.config_type))
